"""A raw reading of any day as its indicator counts it."""

import math

from cockpit.model import format as fmt

PERCENT = {"fraction": (1, ""), "per 30 days": (1, "/30d"), "per 8 h": (3, "/8h"), "fraction a day": (1, "/d")}
"""Units that are written in percent: how many digits, and over what."""
GROWTH = "per 30 days"
PLAIN = {"points": 1, "0 to 100": 1, "tokens": 0}


def raw_text(value: float | None, unit: str) -> str:
    """The number in its unit: 104.2, 33.1 %, 0.023 %/8h, +1.41."""
    if value is None or not math.isfinite(value):
        return fmt.NONE
    if unit in PERCENT:
        digits, over = PERCENT[unit]
        return (fmt.growth(value, digits) if unit == GROWTH else fmt.percent(value, digits)) + over
    if unit in PLAIN:
        return fmt.fixed(value, PLAIN[unit])
    return fmt.compact(value, 2, signed=True) if unit in ("z", "score") else fmt.number(value)
