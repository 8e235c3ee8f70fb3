"""Chapters of the book's reference on usage specifications: files and their columns.

Belongs here: what each form is for and a short worked example of it. Belongs elsewhere: the other files of the book
(``docs.examples``).
"""

from assets.catalog.docs.form import Form
from assets.catalog.models.usage_specification import (
    CodeCharacteristic,
    DetailCharacteristic,
    FileNumbering,
    PhoneNumberCharacteristic,
    QuantityCharacteristic,
    ServedBy,
    TextCharacteristic,
    TimeBandSplit,
    TimestampCharacteristic,
    UsageFile,
    UsageSpecification,
)

USAGE_FORMS: tuple[Form, ...] = (
    Form(
        "usage/*.yaml",
        "One usage specification a file. A new service is such a file and a price; nothing else has to change.",
        "usage/voice.yaml",
        (UsageSpecification, UsageFile, ServedBy, TimeBandSplit),
        """\
usage_specification:
  id: voice
  service: voice
  name: {en: "Voice calls"}
  file: {name_pattern: "voice_*.csv*", format: csv, delimiter: ",", null_text: ""}
  event_id: [call_id]
  event_time: started_at
  served_by: {characteristic: caller, identifier_kind: msisdn}
  age_limit_days: 90
  characteristics:
    - {id: call_id, column: call_id, type: text, max_length: 40}
    - {id: started_at, column: started_at, type: timestamp}
    - {id: caller, column: caller, type: phone_number}
    - {id: called, column: called, type: phone_number, priced_by: zone, leading_digits: 7}
    - {id: network, column: network, type: code, priced_by: value, allowed: [home, roaming]}
    - {id: duration, column: duration_s, type: quantity, unit: s, slot: 1, scale: 6, minimum: "0", maximum: "86400"}
    - {id: cell, column: cell, type: detail, required: false}
""",
    ),
    Form(
        "Characteristics",
        "The columns of a usage file, by `type`. `text`, `detail`, `code`, `phone_number`, `timestamp` and `quantity`. "
        "In the example a file has columns that nobody needs, its instants are local times without an offset, and "
        "its rows may lack a called number and a volume. Files are numbered: when a month has five and `-00004` never "
        "came, the month is not published before it comes or a person accepts the hole. A call that crosses a boundary "
        "of bands is divided there by its seconds: of 600 from 17:55 on, 300 are charged by day and 300 at night.",
        "usage/trunk.yaml",
        (
            FileNumbering,
            TextCharacteristic,
            DetailCharacteristic,
            CodeCharacteristic,
            PhoneNumberCharacteristic,
            TimestampCharacteristic,
            QuantityCharacteristic,
        ),
        """\
usage_specification:
  id: trunk
  service: voice
  name: {en: "Trunk calls"}
  file:
    name_pattern: "trunk_*.csv"
    format: csv
    extra_columns: ignored
    control_totals: [seconds]
    numbering: {names: "trunk_{month}-{number}.csv", first: "1", files_per_month: "5"}
  event_id: [record]
  event_time: at
  served_by: {characteristic: trunk, identifier_kind: trunk}
  guided_to: agreement
  age_limit_days: 90
  time_bands: {split: at_boundary, duration: seconds}
  characteristics:
    - {id: record, column: REC, type: text, required: true, max_length: "32"}
    - {id: at, column: TIME, type: timestamp, required: true, format: "%Y%m%d%H%M%S", assume_offset: "+01:00"}
    - {id: trunk, column: TRUNK, type: code, required: true, max_length: "16"}
    - {id: called, column: B_NUMBER, type: phone_number, required: false, priced_by: zone}
    - {id: seconds, column: SEC, type: quantity, required: true, unit: s, slot: 1, minimum: "0", maximum: "86400"}
    - {id: volume, column: KB, type: quantity, required: false, unit: kB, slot: 2, minimum: "0", maximum: "1000000"}
    - {id: cell, column: CELL, type: detail, required: false, max_length: "64"}
""",
        "A row `X1,20261109175500,T7,,600,,` is the record X1 at 17:55 Warsaw's winter time:",
        level=3,
    ),
)
