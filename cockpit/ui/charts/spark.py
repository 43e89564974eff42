"""A history in one line."""

import math
from collections.abc import Sequence
from decimal import Decimal

STEPS = "▁▂▃▄▅▆▇█"
MISSING = "·"
Value = float | Decimal | None


def finite(value: Value) -> float | None:
    """The value as a float; None where it is missing or no number."""
    if value is None:
        return None
    number = float(value)
    return number if math.isfinite(number) else None


def sparkline(values: Sequence[Value], width: int) -> str:
    """The newest values in at most `width` cells, the lowest ▁ and the highest █, missing ones ·.

    More values than cells are thinned out from the newest backwards, so that the last cell is always the newest value.
    """
    if width <= 0:
        return ""
    known = [finite(value) for value in values]
    stride = max(1, math.ceil(len(known) / width))
    chosen = known[::-1][::stride][::-1]
    numbers = [value for value in chosen if value is not None]
    if not numbers:
        return MISSING * len(chosen)
    low, high = min(numbers), max(numbers)
    return "".join(MISSING if value is None else _step(value, low, high) for value in chosen)


def _step(value: float, low: float, high: float) -> str:
    if high <= low:
        return STEPS[len(STEPS) // 2 - 1]
    return STEPS[min(len(STEPS) - 1, int((value - low) / (high - low) * len(STEPS)))]
