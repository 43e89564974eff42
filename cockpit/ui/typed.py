"""What a trader typed into a field, as a value; BadInput says in a sentence what is wrong with it."""

import difflib
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from cockpit.model import format as fmt
from cockpit.model.assets import Sector
from cockpit.model.errors import BadInput
from cockpit.model.instruments import QUOTE
from cockpit.model.money import ONE, plain

HUNDRED = Decimal(100)
MOST = Decimal(10)
"""No price is asked to rise by more than ten times itself."""
TRADED = (Sector.L1, Sector.DEFI)
PLACES = 12
"""A number that is larger or smaller by more places than this was mistyped; written out, 1e99999999 would fill the memory."""
SHOWN = 20
"""Letters of a text that are repeated in the sentence about it."""


def number(text: str) -> Decimal:
    """A finite decimal number; a point parts the places."""
    bare = text.replace(fmt.MINUS, "-").replace("_", "?").replace(" ", "")
    if "," in bare:
        raise BadInput(f"a point parts the places: {bare.replace(',', '.')[:SHOWN]}")
    try:
        value = Decimal(bare)
    except InvalidOperation:
        value = Decimal("NaN")
    if not value.is_finite() or abs(value.adjusted()) > PLACES:
        raise BadInput(f"{text.strip()[:SHOWN]!r} is no number{' in use here' if value.is_finite() else ''}")
    return value


def _share(text: str) -> Decimal:
    """ "0.25" or "25 %" as a fraction."""
    head, sign, tail = text.partition("%")
    if tail.strip():
        raise BadInput(f"{text.strip()[:SHOWN]!r} is no number")
    return number(head) / HUNDRED if sign else number(head)


def hedge_ratio(text: str) -> Decimal | None:
    """Short notional over the sector's spot value, from 0; empty means as the strategy has it."""
    if not text.strip():
        return None
    value = _share(text)
    if value < 0:
        raise BadInput("0 or more: a short over the spot it protects")
    if value > ONE:
        raise BadInput("more than the whole spot; a quarter: 0.25 or 25 %")
    return value


def leverage(text: str) -> Decimal | None:
    """Notional over margin, from 1; empty means as the strategy has it."""
    if not text.strip():
        return None
    value = number(text.strip().rstrip("xX×"))
    if value < 1:
        raise BadInput("leverage is 1 or more: notional over margin")
    if value > HUNDRED * 2:
        raise BadInput(f"no venue lends that; at most {plain(HUNDRED * 2)}")
    return value


def tranche(text: str) -> Decimal:
    """How much of the way to go, typed in percent, as a fraction above 0; empty means all of it."""
    if not text.strip():
        return ONE
    value = number(text.replace("%", "", 1)) / HUNDRED
    if not 0 < value <= 1:
        raise BadInput("a tranche is more than 0 %, at most 100 %")
    return value


def tokens(text: str, sectors: Mapping[str, Sector]) -> tuple[str, ...]:
    """Assets of the rotating sectors, blanks or commas between; empty means as the strategy has it."""
    found = tuple(dict.fromkeys(word.upper() for word in text.replace(",", " ").split()))
    for word in found:
        sector = _sector(word, sectors)
        if sector not in TRADED:
            raise BadInput(f"{word} is {sector.value}: only L1 and DEFI tokens carry a change")
    return found


def shock(text: str) -> Decimal:
    """A move of prices typed in percent, as a signed fraction; empty means none."""
    if not text.strip():
        return Decimal(0)
    value = number(text.replace("%", "", 1)) / HUNDRED
    if value < -1:
        raise BadInput("no price falls by more than 100 %")
    if value > MOST:
        raise BadInput(f"a rise of at most {plain(MOST * HUNDRED)} %")
    return value


def asset_shocks(text: str, sectors: Mapping[str, Sector]) -> dict[str, Decimal]:
    """ "ETH -15 UNI -40" as moves of single assets; a half-typed pair is told."""
    words = text.replace(",", " ").replace("%", " ").split()
    found: dict[str, Decimal] = {}
    for asset, move in zip(words[::2], words[1::2], strict=False):
        name = asset.upper()
        _sector(name, sectors)
        if name == QUOTE:
            raise BadInput(f"{QUOTE} is what amounts are counted in: it does not move against itself")
        found[name] = shock(move)
    if len(words) % 2:
        name = words[-1].upper()
        _sector(name, sectors)
        raise BadInput(f"{name} by how many percent?")
    return found


def _sector(word: str, sectors: Mapping[str, Sector]) -> Sector:
    """The sector of an asset of the universe; the nearest one is named where there is none."""
    if word in sectors:
        return sectors[word]
    if not sectors:
        raise BadInput("the universe is not loaded yet")
    near = difflib.get_close_matches(word, sectors, n=1, cutoff=0.4)
    raise BadInput(f"{word} is unknown: {near[0]}?" if near else f"{word} is not in the universe")
