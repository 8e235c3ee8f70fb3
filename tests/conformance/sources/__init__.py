"""One translator for each peer: its words become a scenario.

Belongs here: the list of translators. A translator gets a scenario with its case and fills it in, or raises
``NotTranslated`` or ``NotApplicable``.
"""

from collections.abc import Callable

from tests.conformance.scenario import Scenario
from tests.conformance.sources import allocate, billrun, cgrates, flexprice, killbill, lago, meteroid, openmeter

TRANSLATORS: dict[str, Callable[[Scenario], None]] = {
    "allocate": allocate.translate,
    "billrun": billrun.translate,
    "cgrates": cgrates.translate,
    "flexprice": flexprice.translate,
    "killbill": killbill.translate,
    "lago": lago.translate,
    "meteroid": meteroid.translate,
    "openmeter": openmeter.translate,
}
