"""The words of a case, taken one by one: what nobody took was not understood.

Belongs here: taking values out of a case, the two ways in which a translation ends early.
Belongs elsewhere: what a value means (``sources``).
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal, InvalidOperation
from typing import Any

from tests.conformance.cases import Case


class NotTranslated(Exception):
    """The case holds something that the translator does not know. It counts as a failure."""


class NotApplicable(Exception):
    """The case asserts something that Apportion on purpose does not have; the message is the reason."""


_REQUIRED = object()


class Fields:
    """A mapping of the case whose keys must all be taken."""

    def __init__(self, name: str, values: Any) -> None:
        if not isinstance(values, dict):
            raise NotTranslated(f"{name} is {type(values).__name__}, expected a mapping")
        self.name = name
        self._values = values
        self._taken: set[str] = set()

    def __contains__(self, key: str) -> bool:
        return key in self._values

    def has(self, *keys: str) -> bool:
        """Whether all of the keys are there."""
        return all(key in self._values for key in keys)

    @property
    def left(self) -> list[str]:
        """Keys that nobody has taken yet, in the case's order."""
        return [key for key in self._values if key not in self._taken]

    def take(self, key: str, default: Any = _REQUIRED) -> Any:
        """The value of a key as it stands."""
        self._taken.add(key)
        if key not in self._values:
            if default is _REQUIRED:
                raise NotTranslated(f"{self.name}: no key {key}")
            return default
        return self._values[key]

    def number(self, key: str, default: Any = _REQUIRED) -> str | None:
        """A decimal as text, or None when the case says null."""
        value = self.take(key, default)
        return None if value is None else decimal_text(value, f"{self.name}.{key}")

    def numbers(self, key: str) -> list[str]:
        """A list of decimals as text."""
        return [decimal_text(value, f"{self.name}.{key}") for value in self.items(key)]

    def whole(self, key: str) -> int:
        """A whole number."""
        value = Decimal(self.number(key) or "0")
        if value != value.to_integral_value():
            raise NotTranslated(f"{self.name}.{key} is {value}, expected a whole number")
        return int(value)

    def flag(self, key: str) -> bool:
        """A truth value; an absent key is false."""
        value = self.take(key, False)
        if not isinstance(value, bool):
            raise NotTranslated(f"{self.name}.{key} is {value!r}, expected true or false")
        return value

    def items(self, key: str) -> list[Any]:
        """A list as it stands."""
        value = self.take(key)
        if not isinstance(value, list):
            raise NotTranslated(f"{self.name}.{key} is {value!r}, expected a list")
        return value

    def one_of(self, key: str, meanings: dict[str, Any], default: Any = _REQUIRED) -> Any:
        """The meaning of a word: ``meanings`` maps the texts that are known."""
        value = self.take(key, default)
        if value is default and default is not _REQUIRED:
            return value
        if value not in meanings:
            raise NotTranslated(f"unknown {self.name}.{key}: {value!r}")
        return meanings[value]

    def remark(self, *keys: str, known: Callable[[str], bool] = lambda _text: True) -> None:
        """Keys that say nothing the translator needs: prose, or what the model says already."""
        for key in keys:
            if key in self._values and not known(str(self._values[key])):
                raise NotTranslated(f"unknown {self.name}.{key}: {self._values[key]!r}")
            self._taken.add(key)

    def each(self, key: str) -> Iterator["Fields"]:
        """The mappings of a list; each must be taken whole."""
        for number, values in enumerate(self.items(key)):
            fields = Fields(f"{self.name}.{key}[{number}]", values)
            yield fields
            fields.refuse_unknown()

    def refuse_unknown(self) -> None:
        """Raise for what nobody took."""
        if self.left:
            raise NotTranslated(f"unknown key {self.name}.{', '.join(self.left)}")


def decimal_text(value: Any, name: str) -> str:
    """A decimal in plain digits: ``1.0`` stays exact, ``1e3`` and words are refused."""
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        raise NotTranslated(f"{name} is {value!r}, expected a number") from None
    if not number.is_finite() or isinstance(value, bool):
        raise NotTranslated(f"{name} is {value!r}, expected a number")
    text = format(number, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return "0" if text in ("-0", "") else text


@contextmanager
def words_of(case: Case) -> Iterator[tuple[Fields, Fields, Fields]]:
    """Params, usage and expected of a case; afterwards every key must have been taken.

    Usage that is a list is there under the key ``list``.
    """
    usage = {"list": case.usage} if isinstance(case.usage, list) else case.usage
    fields = (Fields("params", case.params), Fields("usage", usage), Fields("expected", case.expected))
    fields[2].remark("units")
    yield fields
    for entry in fields:
        entry.refuse_unknown()
