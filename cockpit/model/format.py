"""How a number, a time or a rule's value is written on a screen.

Digits are grouped in threes, the minus is "−", and a locale changes nothing: what a screen shows is never parsed again. A missing
number is NONE, which no zero looks like.
"""

import math
import re
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from cockpit.model.money import plain
from cockpit.model.readings import Reading

NONE = "–"
MINUS = "−"
UNBOUNDED_FIELDS = {
    "leverage_max": "x",
    "leverage_default": "x",
    "hedge_ratio_max": "",
    "hedge_ratio_guideline": "",
    "stop_liquidation_ratio_max": "",
    "slippage_max_bps": "bps",
    "quote_age_max_s": "s",
    "plan_age_max_s": "s",
}
"""The limits that are no fractions, with their units."""


def amount(value: Decimal | None, digits: int = 2, *, signed: bool = False) -> str:
    """Quote units to `digits` places, half to even: 100,000.00; with `signed` a plus stands before what is above zero."""
    if value is None:
        return NONE
    rounded = value.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN)
    sign = MINUS if rounded < 0 else "+" if signed and rounded > 0 else ""
    return f"{sign}{abs(rounded):,.{digits}f}"


def whole(value: Decimal | None, *, signed: bool = False) -> str:
    """Quote units without cents, for tables: 40,000; amounts below 100 keep their cents so that small books stay readable."""
    if value is None:
        return NONE
    return amount(value, 0 if abs(value) >= 100 or not value else 2, signed=signed)


def exact(value: Decimal | None) -> str:
    """Every digit that a quantity has, grouped: 1,250 or 0.0025."""
    if value is None:
        return NONE
    text = plain(abs(value))
    head, dot, tail = text.partition(".")
    return f"{MINUS if value < 0 else ''}{int(head):,}{dot}{tail}"


def price(value: Decimal | None, tick: Decimal | None = None) -> str:
    """A price on its tick; without a tick two places from 1 up and five significant digits below."""
    if value is None:
        return NONE
    if tick is not None and tick > 0:
        return amount(value, max(2, -_exponent(tick)))
    if not value or abs(value) >= 1:
        return amount(value)
    return amount(value, min(12, 4 - value.adjusted()))


def _exponent(step: Decimal) -> int:
    exponent = step.normalize().as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0


def percent(fraction: Decimal | float | None, digits: int = 1, *, signed: bool = False, unit: bool = True) -> str:
    """A fraction in percent: .175 is "17.5 %"; without `unit` the bare number for a column that says so."""
    if fraction is None or (isinstance(fraction, float) and not math.isfinite(fraction)):
        return NONE
    exact_fraction = fraction if isinstance(fraction, Decimal) else Decimal(repr(fraction))
    return amount(exact_fraction * 100, digits, signed=signed) + (" %" if unit else "")


def score(value: float | None, digits: int = 2) -> str:
    """A score between -1 and +1 with its sign always shown; zero has none."""
    if value is None or not math.isfinite(value):
        return NONE
    return amount(Decimal(repr(value)), digits, signed=True)


def plain_score(value: float | None) -> str:
    """A weight: like a score, without a plus."""
    return score(value).removeprefix("+")


def number(value: float | None) -> str:
    """A raw reading in at most six characters where it can be: 104.2, 0.0091, 12,345."""
    if value is None or not math.isfinite(value):
        return NONE
    size = abs(value)
    if size >= 100_000:
        for scale, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
            if size >= scale:
                return amount(Decimal(repr(value / scale)), 1) + letter
    digits = 0 if size >= 1000 else 1 if size >= 10 else 2 if size >= 0.1 or not size else 4
    return amount(Decimal(repr(value)), digits)


def reading(value: Reading, missing: str = "·") -> str:
    """A reading's number as its indicator writes it, with the screen's minus."""
    if value.raw is None or not math.isfinite(value.raw):
        return missing
    text = value.text or number(value.raw)
    if not any(digit in "123456789" for digit in text.partition(" ")[0]):
        text = text.lstrip("+-")
    return minus(text)


def minus(text: str) -> str:
    """A sentence with the screen's minus before its negative numbers; dates and names keep their hyphens."""
    return _NEGATIVE.sub(MINUS, text)


_NEGATIVE = re.compile(r"(?<![\w.)/-])-(?=\.?\d)")


def times(value: Decimal | None) -> str:
    """Leverage: 2x, 1.5x."""
    return NONE if value is None else f"{exact(value.quantize(Decimal('0.01')))}x"


def age(value: timedelta | None) -> str:
    """How old something is, in its largest whole unit: 2 s, 3 min, 5 h, 12 d."""
    if value is None:
        return NONE
    seconds = max(0, int(value.total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def since(moment: datetime | None, now: datetime) -> str:
    """How old an observation is now, in its largest whole unit."""
    return NONE if moment is None else age(now - moment)


def day(value: date | None) -> str:
    """A calendar day without its year: 12 Oct. English month names, whatever the locale."""
    return NONE if value is None else f"{value.day} {_MONTHS[value.month - 1]}"


_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def moment(value: datetime | None) -> str:
    """A UTC time to the second: 2021-08-20 00:00:00."""
    return NONE if value is None else f"{value:%Y-%m-%d %H:%M:%S}"


def close_of(value: datetime) -> str:
    """The day whose close a moment at midnight is, as recorded days are stamped; else the day itself."""
    return f"{value - timedelta(microseconds=1):%Y-%m-%d}"


def limit_value(rule: str, value: Decimal) -> str:
    """A risk rule's limit or its worst value in the rule's own unit."""
    unit = UNBOUNDED_FIELDS.get(rule)
    if unit is None:
        return percent(value, 2 if abs(value) < Decimal("0.1") and value != value.quantize(Decimal("0.001")) else 1)
    if unit == "x":
        return times(value)
    return amount(value) if not unit else f"{exact(value.quantize(Decimal('0.1')))} {unit}"


def bar(share: float, width: int) -> str:
    """`width` cells, filled in proportion to `share` (0 to 1, cut at both ends)."""
    filled = round(max(0.0, min(1.0, share)) * width)
    return "▇" * filled + "·" * (width - filled)


def drift_bar(weight: Decimal, target: Decimal, full: Decimal = Decimal("0.25"), half: int = 4) -> str:
    """Where a weight stands against its target "│": to the left it is below, to the right above; `full` fills a side."""
    gap = weight - target
    cells = min(half, int((abs(gap) / full * half).to_integral_value(ROUND_HALF_EVEN)))
    if gap < 0:
        return "·" * (half - cells) + "▇" * cells + "│" + "·" * half
    return "·" * half + "│" + "▇" * cells + "·" * (half - cells)
