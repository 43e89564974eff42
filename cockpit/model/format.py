"""How a number, a time or a rule's value is written, on a screen and, by `in_ascii`, in a pipe.

The rules of every number: it is rounded once, half to even, from its exact value; whole digits are grouped in threes with
commas and decimals stand behind a point, whatever the locale; the minus is "−", and what rounds to zero has no sign. A missing
number is NONE, which no zero looks like. A price has the places of its tick and a quantity those of its lot; what they would
round to nothing keeps its digits. What is shown is never parsed again.
"""

import math
import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_EVEN, Context, Decimal

from cockpit.model.money import plain
from cockpit.model.readings import Reading

NONE = "–"
MINUS = "−"
ASCII = str.maketrans({MINUS: "-", NONE: "-", "·": ".", "▇": "#", "│": "|"})
"""The signs of this module for what is no screen; the terminal's own table agrees with it."""
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
HEDGE_RATIOS = ("hedge_ratio_max", "hedge_ratio_guideline")
NO_SPOT = Decimal(999)
"""Stands for the hedge ratio of a short without any spot behind it."""
SMALL_RATES = {"funding_warn": 4}
"""Rules whose values are small rates, with the places that they are read in."""


_EXACT = Context(prec=100, rounding=ROUND_HALF_EVEN)
"""Arithmetic that rounds nowhere but where it is asked to: the default context has 28 digits."""


def in_ascii(text: str) -> str:
    """A number written here with ASCII signs: a log or a pipe carries it anywhere, and it can be copied out."""
    return text.translate(ASCII)


def amount(value: Decimal | None, digits: int = 2, *, signed: bool = False) -> str:
    """Quote units to `digits` places, half to even: 100,000.00; with `signed` a plus stands before what is above zero."""
    if value is None or not value.is_finite():
        return NONE
    rounded = value.quantize(Decimal(1).scaleb(-digits), context=_EXACT)
    sign = MINUS if rounded < 0 else "+" if signed and rounded > 0 else ""
    return f"{sign}{rounded.copy_abs():,.{digits}f}"


def fixed(value: float | None, digits: int) -> str:
    """A signal's number to `digits` places, as on the axis of a chart."""
    return NONE if value is None or not math.isfinite(value) else amount(_decimal(value), digits)


def count(value: float | None) -> str:
    """How many, in whole units: events, or days of a mean length."""
    return fixed(value, 0)


def whole(value: Decimal | None, *, signed: bool = False) -> str:
    """Quote units without cents, for tables: 40,000; amounts below 100 keep their cents so that small books stay readable."""
    if value is None:
        return NONE
    return amount(value, 0 if abs(value) >= 100 or not value else 2, signed=signed)


def exact(value: Decimal | None, most: int | None = None) -> str:
    """Every digit that a value has, or `most` decimals of them, grouped: 1,250 or 0.0025. Zeros at the end are left out."""
    if value is None or not value.is_finite():
        return NONE
    if most is not None:
        value = value.quantize(Decimal(1).scaleb(-most), context=_EXACT)
    head, dot, tail = plain(value.copy_abs()).partition(".")
    return f"{MINUS if value < 0 else ''}{int(head):,}{dot}{tail}"


def price(value: Decimal | None, tick: Decimal | None = None) -> str:
    """A price in quote units to the places of its tick, two at least; without a tick two from 1 up, five digits below.

    Averages and marks between two ticks are rounded to those places, not onto the tick.
    """
    if value is None or not value.is_finite():
        return NONE
    if tick is not None and tick > 0 and not _is_lost(value, max(2, places(tick))):
        return amount(value, max(2, places(tick)))
    if not value or value.copy_abs() >= 1:
        return amount(value)
    return amount(value, 4 - value.adjusted())


def quantity(value: Decimal | None, lot: Decimal | None = None) -> str:
    """A quantity in base units to the places of its lot: 2.500 for a lot of .001; without a lot every digit that it has."""
    if value is None or not value.is_finite():
        return NONE
    if lot is None or lot <= 0 or _is_lost(value, places(lot)):
        return exact(value)
    return amount(value, places(lot))


def places(step: Decimal) -> int:
    """The decimals that multiples of a tick or lot need: 3 for .005, 0 for 10."""
    exponent = step.normalize(_EXACT).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def _is_lost(value: Decimal, digits: int) -> bool:
    """Whether something would be shown as nothing."""
    return bool(value) and not value.quantize(Decimal(1).scaleb(-digits), context=_EXACT)


def aligned(texts: Sequence[str]) -> list[str]:
    """Numbers of one column, filled at their end so that, set flush right, their decimal points stand below one another.

    What follows the whole digits counts as decimals (" %" too); a text without a digit stands at the ones' place.
    """
    tails = [len(_WHOLE.sub("", text, count=1)) for text in texts]
    return [text + " " * (max(tails) - tail) for text, tail in zip(texts, tails, strict=True)]


_WHOLE = re.compile(r"\A[^0-9]*[0-9,]*", re.ASCII)
"""All up to the ones' place; a text without a digit, whole."""


def percent(fraction: Decimal | float | None, digits: int = 1, *, signed: bool = False, unit: bool = True) -> str:
    """A fraction in percent: .175 is "17.5 %"; without `unit` the bare number for a column that says so."""
    if fraction is None or (isinstance(fraction, float) and not math.isfinite(fraction)):
        return NONE
    exact_fraction = fraction if isinstance(fraction, Decimal) else _decimal(fraction)
    if not exact_fraction.is_finite():
        return NONE
    return amount(exact_fraction.scaleb(2, _EXACT), digits, signed=signed) + (" %" if unit else "")


def compact(value: float | None, digits: int, *, signed: bool = False) -> str:
    """A signal's number to `digits` places; from 1,000 on in as few characters as `number` needs, for columns of cells."""
    if value is None or not math.isfinite(value):
        return NONE
    if abs(value) < 1000:
        return amount(_decimal(value), digits, signed=signed)
    return ("+" if signed and value > 0 else "") + number(value)


def growth(fraction: float | None, digits: int = 1, *, signed: bool = False) -> str:
    """A fraction in percent that may be huge, as what grew from next to nothing: from 1,000 % on as `compact` writes it."""
    if fraction is None or not abs(fraction) >= 10:
        return percent(fraction, digits, signed=signed)
    return f"{compact(100 * fraction, digits, signed=signed)} %"


def score(value: float | None, digits: int = 2) -> str:
    """A score between -1 and +1 with its sign always shown; zero has none."""
    if value is None or not math.isfinite(value):
        return NONE
    return amount(_decimal(value), digits, signed=True)


def plain_score(value: float | None) -> str:
    """A weight, quality, coverage or confidence: like a score, without a plus."""
    return score(value).removeprefix("+")


def number(value: float | None) -> str:
    """A raw reading in at most six characters where it can be: 104.2, 0.0091, 12,345."""
    if value is None or not math.isfinite(value):
        return NONE
    size = abs(value)
    if size >= 100_000:
        for scale, letter in ((1e12, "T"), (1e9, "B"), (1e6, "M"), (1e3, "k")):
            if size >= scale * 0.99995:  # what rounds to 1,000.0 of the unit below is 1.0 of this one
                return amount(_decimal(value / scale), 1) + letter
    digits = 0 if size >= 1000 else 1 if size >= 10 else 2 if size >= 0.1 or not size else 4
    return amount(_decimal(value), digits)


def _decimal(value: float) -> Decimal:
    """What a person would call a float's value: its first 15 digits, as what a sum or a mean leaves behind them is noise."""
    return Decimal(f"{value:.15g}")


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
    return NONE if value is None else f"{exact(value, 2)}x"


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


def limit_value(rule: str, value: Decimal, digits: int | None = None) -> str:
    """A risk rule's limit or its worst value in the rule's own unit, with as many places as it needs or as `digits` says."""
    unit = UNBOUNDED_FIELDS.get(rule)
    if rule in HEDGE_RATIOS and value >= NO_SPOT:
        return "no spot"
    if unit is None:
        if digits is None:
            small = abs(value) < Decimal("0.1") and value != value.quantize(Decimal("0.001"))
            digits = SMALL_RATES.get(rule, 2 if small else 1)
        return percent(value, digits)
    if unit == "x":
        return times(value) if digits is None else f"{exact(value.quantize(Decimal(1).scaleb(-digits)))}x"
    if not unit:
        return amount(value, 2 if digits is None else digits)
    return f"{exact(value.quantize(Decimal(1).scaleb(-(1 if digits is None else digits))))} {unit}"


def limit_pair(rule: str, worst: Decimal, limit: Decimal) -> tuple[str, str]:
    """A rule's worst value and its limit: where they differ they never look alike, whatever places that takes."""
    told, known = limit_value(rule, worst), limit_value(rule, limit)
    for digits in range(2, 9):
        if worst == limit or _shortest(told) != _shortest(known):
            break
        told, known = limit_value(rule, worst, digits), limit_value(rule, limit, digits)
    return told, known


def _shortest(text: str) -> str:
    """A number without the zeros at its end, so that 5.00 % and 5.0 % are the same."""
    head, blank, unit = text.removesuffix("x").partition(" ")
    return (head.rstrip("0").rstrip(".") if "." in head else head) + blank + unit


def bar(share: float, width: int) -> str:
    """`width` cells, filled in proportion to `share` (0 to 1, cut at both ends)."""
    filled = round(max(0.0, min(1.0, share)) * width)
    return "▇" * filled + "·" * (width - filled)
