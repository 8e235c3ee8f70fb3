"""What a case came to: its figures compared with the asserted ones, exactly.

Belongs here: comparing, the three outcomes. Belongs elsewhere: figures (``readings``), printing (``report``).
"""

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal

from tests.conformance.cases import Case
from tests.conformance.fields import decimal_text
from tests.conformance.readings import Figure

Status = Literal["pass", "fail", "not_applicable"]


@dataclass(frozen=True)
class Verdict:
    """The outcome of one case. ``expected`` and ``got`` are by figure, in the case's own units, as text."""

    case: Case
    status: Status
    expected: dict[str, Any] = field(default_factory=dict)
    got: dict[str, Any] = field(default_factory=dict)
    reason: str = ""

    def as_json(self) -> dict[str, Any]:
        """One entry of the report."""
        return {
            "id": self.case.id,
            "source": self.case.source,
            "model": self.case.model,
            "status": self.status,
            "expected": self.expected,
            "got": self.got,
            "reason": self.reason,
        }


def failed(case: Case, reason: str) -> Verdict:
    """A case that did not come to figures."""
    return Verdict(case, "fail", _asserted(case), {}, reason)


def not_applicable(case: Case, reason: str) -> Verdict:
    """A case that asserts what we on purpose do not have."""
    return Verdict(case, "not_applicable", _asserted(case), {}, reason)


def compare(case: Case, figures: dict[str, Figure]) -> Verdict:
    """The verdict over figures by the keys of ``expected``."""
    expected = {key: case.expected[key] for key in figures}
    got = {key: _shown(figure) for key, figure in figures.items()}
    wrong = [key for key, figure in figures.items() if not is_equal(figure, expected[key], case)]
    if not figures:
        return failed(case, "no figure was read")
    if wrong:
        return Verdict(case, "fail", expected, got, f"another figure: {', '.join(wrong)}")
    return Verdict(case, "pass", expected, got)


def is_equal(figure: Figure, expected: Any, case: Case) -> bool:
    """Whether a figure is the asserted one.

    Exactly, but for what the case itself says: a ``tolerance`` within which the peer compares, or an exact fraction of
    which ``expected`` shows the first digits (a factor without end in decimals).
    """
    if isinstance(figure, list):
        return (
            isinstance(expected, list)
            and len(figure) == len(expected)
            and all(is_equal(*pair, case) for pair in zip(figure, expected, strict=True))
        )
    if isinstance(figure, str) or isinstance(expected, list):
        return figure == expected
    asserted = Decimal(str(expected))
    if "tolerance" in case.expected:
        return abs(figure - asserted) <= Decimal(case.expected["tolerance"])
    if "exact" in case.expected:
        return figure.quantize(asserted) == asserted
    return figure == asserted


def _shown(figure: Figure) -> Any:
    if isinstance(figure, list):
        return [_shown(entry) for entry in figure]
    return figure if isinstance(figure, str) else decimal_text(figure, "figure")


def _asserted(case: Case) -> dict[str, Any]:
    return {key: value for key, value in case.expected.items() if key != "units"}
