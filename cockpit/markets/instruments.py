"""In which steps assets trade on the simulated and the recorded market, and how deep their order books typically are."""

import difflib
import re
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec
from msgspec import Struct

from cockpit.model.assets import Sector
from cockpit.model.errors import BadInput
from cockpit.model.instruments import QUOTE, Instrument, Kind, MarginTier, margin_tiers, perp_symbol, spot_symbol
from cockpit.model.money import ONE
from cockpit.model.wire import prepared

SHIPPED = Path(__file__).resolve().parents[1] / "files" / "shipped" / "instruments.toml"
PRICE_DIGITS = 5
"""Significant digits of a price whose asset has no tick of its own."""


class _Default(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    spot_min_notional: Decimal
    perp_min_notional: Decimal
    contract_size: Decimal
    perp: bool
    tiers: str
    spread_bps: Decimal
    depth: Decimal


class _Entry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    asset: str
    tick: Decimal | None = None
    lot: Decimal | None = None
    spot_min_notional: Decimal | None = None
    perp_min_notional: Decimal | None = None
    contract_size: Decimal | None = None
    perp: bool | None = None
    tiers: str | None = None
    spread_bps: Decimal | None = None
    depth: Decimal | None = None


class _File(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    schema: Literal[1]
    default: dict[Sector, _Default]
    tiers: dict[str, tuple[tuple[Decimal, Decimal, Decimal], ...]]
    instrument: tuple[_Entry, ...] = ()


class BookShape(Struct, frozen=True):
    """A typical order book: best bid to best ask in basis points, and quote units resting per side within 1 % of the middle."""

    spread_bps: Decimal
    depth: Decimal


class InstrumentTable(Struct, frozen=True, kw_only=True):
    """The instruments file, checked: one entry an asset, filled up with the defaults of its sector."""

    defaults: dict[Sector, _Default]
    tiers: dict[str, tuple[MarginTier, ...]]
    entries: dict[str, _Entry]

    def instruments(self, asset: str, sector: Sector, price: Decimal) -> dict[str, Instrument]:
        """The spot pair of an asset near `price` and its perpetual, if it has one, by unified symbol; none for the quote."""
        if asset == QUOTE:
            return {}
        default, own = self._entry(asset, sector)
        lot = own.lot or lot_for(price)
        tick = min(own.tick or tick_for(price), tick_for(price))
        pair = Instrument(
            symbol=spot_symbol(asset),
            asset=asset,
            kind=Kind.SPOT,
            tick=tick,
            lot=lot,
            min_notional=_or(own.spot_min_notional, default.spot_min_notional),
        )
        if not (default.perp if own.perp is None else own.perp):
            return {pair.symbol: pair}
        perp = Instrument(
            symbol=perp_symbol(asset),
            asset=asset,
            kind=Kind.PERP,
            tick=tick,
            lot=lot,
            min_notional=_or(own.perp_min_notional, default.perp_min_notional),
            contract_size=_or(own.contract_size, default.contract_size),
            tiers=self.tiers[own.tiers or default.tiers],
        )
        return {pair.symbol: pair, perp.symbol: perp}

    def shape(self, asset: str, sector: Sector) -> BookShape:
        """The typical order book of an asset."""
        default, own = self._entry(asset, sector)
        return BookShape(_or(own.spread_bps, default.spread_bps), _or(own.depth, default.depth))

    def _entry(self, asset: str, sector: Sector) -> tuple[_Default, _Entry]:
        default = self.defaults.get(sector) or self.defaults[Sector.UNCLASSIFIED]
        return default, self.entries.get(asset) or _Entry(asset=asset)


def tick_for(price: Decimal) -> Decimal:
    """The price step that leaves a price five significant digits: 0.1 at 4,000, 0.00001 at 0.25."""
    return ONE.scaleb(price.adjusted() - PRICE_DIGITS + 1)


def lot_for(price: Decimal) -> Decimal:
    """The largest power of ten of the asset that is worth at most one quote unit: 0.0001 at 4,000, 1 at 0.25."""
    return ONE.scaleb((ONE / price).adjusted())


@cache
def load_instruments(path: Path = SHIPPED) -> InstrumentTable:
    """Read an instruments file; BadInput names the file, the key and what to do."""
    try:
        file = msgspec.toml.decode(path.read_bytes(), type=prepared(_File))
    except OSError as error:
        raise BadInput(f"{path.name}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path.name}: is not UTF-8 text") from error
    except msgspec.DecodeError as error:
        raise BadInput(f"{path.name}: {_explain(str(error))}") from error
    _check(path.name, file)
    tiers = {}
    for name, rows in file.tiers.items():
        try:
            tiers[name] = margin_tiers(rows)
        except ValueError as error:
            raise BadInput(f"{path.name}: tiers.{name}: {error}") from error
    return InstrumentTable(defaults=file.default, tiers=tiers, entries={e.asset: e for e in file.instrument})


def _check(name: str, file: _File) -> None:
    missing = {Sector.L1, Sector.DEFI, Sector.STABLE, Sector.BENCHMARK, Sector.UNCLASSIFIED} - file.default.keys()
    if missing:
        raise BadInput(f"{name}: default.{min(missing)} is missing; every sector needs one")
    seen: set[str] = set()
    for entry in file.instrument:
        if entry.asset in seen:
            raise BadInput(f"{name}: instrument {entry.asset} is there twice; keep one")
        seen.add(entry.asset)
    parts: list[tuple[str, _Default | _Entry]] = [(f"default.{sector}", part) for sector, part in file.default.items()]
    parts += [(f"instrument {entry.asset}", entry) for entry in file.instrument]
    for where, part in parts:
        for key, value in msgspec.structs.asdict(part).items():
            if isinstance(value, Decimal) and not (value.is_finite() and value > 0):
                raise BadInput(f"{name}: {where}: {key} = {value} must be a number above 0")
        if part.tiers is not None and part.tiers not in file.tiers:
            near = difflib.get_close_matches(part.tiers, file.tiers, 1)
            hint = f"; did you mean {near[0]}?" if near else ""
            raise BadInput(f"{name}: {where}: there is no tier table named {part.tiers!r}{hint}")


def _explain(message: str) -> str:
    unknown = re.search(r"unknown field `(.*?)`(?: - at `(.*)`)?", message)
    if unknown is None:
        return message
    key, where = unknown.groups()
    known = {*_File.__struct_fields__, *_Default.__struct_fields__, *_Entry.__struct_fields__}
    near = difflib.get_close_matches(key, known, 1)
    return f"unknown key {key!r} at {where or '$'}" + (f"; did you mean {near[0]}?" if near else "")


def _or(own: Decimal | None, default: Decimal) -> Decimal:
    return default if own is None else own
