"""Which market a `--market` value names, and how a portfolio's pinned prices enter its snapshot."""

import difflib
from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from pathlib import Path

from msgspec.structs import replace

from cockpit.markets.feed import MarketFeed
from cockpit.markets.instruments import load_instruments, tick_for
from cockpit.markets.live.shelf import Shelf
from cockpit.model.assets import Sector, Universe
from cockpit.model.errors import BadInput
from cockpit.model.instruments import QUOTE, Instrument, asset_of, perp_symbol, spot_symbol
from cockpit.model.market import MarketSnapshot, Quote
from cockpit.model.plan import PlanMarket
from cockpit.model.sources import LiveSettings
from cockpit.model.text import sanitise

SPECS = ("simulated", "recorded:DIR", "live")
SEED = 7


def open_feed(
    spec: str,
    *,
    universe: Universe,
    as_of: date | None = None,
    seed: int | None = None,
    clock: Callable[[], datetime] | None = None,
    live: LiveSettings | None = None,
    shelf: Callable[[], Shelf] | None = None,
) -> MarketFeed:
    """The market that `spec` names: "simulated", "recorded:DIR" or "live".

    `as_of` ends a recorded market on that day; `seed` is the simulated market's (SEED if None), `live` says how the live one is
    asked, and `shelf` gives the folder in which it keeps what it fetched. BadInput for anything else.
    """
    kind, _, folder = spec.partition(":")
    if kind == "simulated" and not folder:
        if as_of is not None:
            raise BadInput("--as-of: the simulated market has only today; give a recorded one, --market recorded:DIR")
        from cockpit.markets.simulated import SimulatedFeed

        return SimulatedFeed(SEED if seed is None else seed, universe=universe, clock=clock)
    if seed is not None and kind in ("recorded", "live"):
        raise BadInput("--seed: only the simulated market has one; leave it out, or give --market simulated")
    if kind == "recorded":
        if not folder:
            raise BadInput("--market recorded: names no folder; write recorded:DIR")
        from cockpit.markets.recorded import RecordedFeed

        return RecordedFeed(Path(folder).expanduser(), as_of=as_of, universe=universe)
    if kind == "live" and not folder:
        if as_of is not None:
            raise BadInput("--as-of: the live market has only today; give a recorded one, --market recorded:DIR")
        if shelf is None:
            raise BadInput("--market live: there is no folder in which it can keep what it fetches")
        from cockpit.markets.live.feed import LiveFeed

        return LiveFeed(live or LiveSettings(), universe=universe, shelf=shelf(), clock=clock)
    near = difflib.get_close_matches(kind.lower(), ("simulated", "recorded", "live"), 1)
    meant = {"recorded": "recorded:DIR"}.get(near[0], near[0]) if near else ""
    hint = f"did you mean {meant}?" if meant else f"it is one of {', '.join(SPECS)}"
    raise BadInput(f"--market {sanitise(spec)}: there is no such market; {hint}")


def simulated_seed(source: str) -> int | None:
    """The seed of a simulated market by what its snapshots say of themselves; None for any other market."""
    kind, _, seed = source.partition(" seed ")
    return int(seed) if kind == "simulated" and seed.lstrip("-").isdecimal() else None


def ticks_of(market: PlanMarket, universe: Universe) -> dict[str, Decimal]:
    """The price steps that a plan was made with, by symbol: those of its simulated market, else those that suit its marks."""
    seed = simulated_seed(market.source)
    listed: dict[str, Instrument] = {}
    if seed is not None:
        listed = open_feed("simulated", universe=universe, seed=seed).snapshot(map(asset_of, market.marks)).instruments
    ticks = {}
    for symbol, mark in market.marks.items():
        asset = asset_of(symbol)
        known = listed if symbol in listed else load_instruments().instruments(asset, universe.sector(asset), mark)
        if symbol in known:
            ticks[symbol] = _on_tick(known[symbol], mark).tick
    return ticks


def pin(snapshot: MarketSnapshot, prices: Mapping[str, Decimal]) -> MarketSnapshot:
    """The snapshot with the spot pairs and perpetuals of `prices` (by asset) at exactly these prices, without a spread.

    An asset that the market does not know gets instruments of its own. BadInput for a price that is not above zero.
    """
    quotes, instruments = dict(snapshot.quotes), dict(snapshot.instruments)
    table = load_instruments()
    for asset, price in prices.items():
        if not (price.is_finite() and price > 0):
            raise BadInput(f"prices.{sanitise(asset)} = {price}: a price is a number above 0")
        if asset == QUOTE:
            if price != 1:
                raise BadInput(f"prices.{QUOTE} = {price}: everything is priced in {QUOTE}, its own price is 1")
            continue
        known = {s: instruments[s] for s in (spot_symbol(asset), perp_symbol(asset)) if s in instruments}
        for symbol, instrument in (known or table.instruments(asset, Sector.UNCLASSIFIED, price)).items():
            instruments[symbol] = _on_tick(instrument, price)
            quotes[symbol] = Quote(symbol=symbol, mark=price, bid=price, ask=price, at=snapshot.as_of, pinned=True)
    return replace(snapshot, quotes=quotes, instruments=instruments)


def _on_tick(instrument: Instrument, price: Decimal) -> Instrument:
    """The instrument with a price step that suits a price far from the market's."""
    return replace(instrument, tick=min(instrument.tick, tick_for(price)))
