"""Cents written as currency units, the only change that the runner makes to an amount."""

from decimal import Decimal


def units_of_cents(cents: str) -> str:
    """``"5"`` cents as ``"0.05"``; trailing zeros mean nothing and go."""
    text = format(Decimal(cents).scaleb(-2), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
