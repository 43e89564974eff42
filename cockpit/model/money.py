"""Exact arithmetic for money, prices and quantities."""

from datetime import timedelta
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_EVEN, Decimal

ZERO = Decimal(0)
ONE = Decimal(1)
CENT = Decimal("0.01")
UNIT = Decimal("0.00000001")
"""The smallest amount that a wallet holds."""


def floor_to(value: Decimal, step: Decimal) -> Decimal:
    """The largest multiple of `step` that is not above `value`; `step` <= 0 leaves the value as it is."""
    return value if step <= 0 else (value / step).to_integral_value(ROUND_FLOOR) * step


def ceil_to(value: Decimal, step: Decimal) -> Decimal:
    """The smallest multiple of `step` that is not below `value`; `step` <= 0 leaves the value as it is."""
    return value if step <= 0 else (value / step).to_integral_value(ROUND_CEILING) * step


def nearest_to(value: Decimal, step: Decimal) -> Decimal:
    """The multiple of `step` nearest to `value`, half to even; `step` <= 0 leaves the value as it is."""
    return value if step <= 0 else (value / step).to_integral_value(ROUND_HALF_EVEN) * step


def seconds_of(span: timedelta) -> Decimal:
    """The exact seconds of a span of time."""
    return Decimal(str(span.total_seconds()))


def plain(value: Decimal) -> str:
    """The shortest exact decimal text without an exponent: what files, JSON and SQL carry."""
    if not value:
        return "0"
    text = format(value, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text
