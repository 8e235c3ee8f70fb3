"""Chapter of the book's reference on calendars.

Belongs here: sentences and the example. Belongs elsewhere: other chapters (``docs.examples``).
"""

from assets.catalog.docs.form import Form
from assets.catalog.models.calendar import Calendar, Holidays, TimeBand

CALENDAR_FORMS = (
    Form(
        "calendars/*.yaml",
        "Bands of time that usage prices can ask for. A band holds on the days that meet all its conditions, from "
        "`start` until `end`, or until midnight: a band over midnight is two. Where bands overlap, the highest weight "
        "counts, then `overlaps` decides. Days of 23 or 25 hours keep their local hours; a local time that the clock "
        "shows twice counts where it comes first.",
        "calendars/week.yaml",
        (Calendar, Holidays, TimeBand),
        """\
calendars:
  - id: week
    holidays: {country: PL}
    bands:
      - {id: peak, weekdays: [monday, tuesday, wednesday, thursday, friday], holidays: except, start: "08:00"}
      - {id: evening, weekdays: [monday, tuesday, wednesday, thursday, friday], start: "18:00"}
      - {id: weekend, weekdays: [saturday, sunday]}
      - {id: holiday, holidays: only}
      - {id: new-year, dates: ["01-01"], weight: 20}
""",
        "On Monday, peak until 18:00, then evening until midnight, then no band until 08:00. On 11 November, which is "
        "a holiday, `holiday` all day: days chosen as holidays are narrower than weekdays. On 1 January `new-year`:",
    ),
)
