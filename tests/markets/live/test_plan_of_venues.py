"""From a venue's answers to the orders of a plan: prices, depth, steps and tiers of one venue, and orders that it would take."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.files.atomic import write_atomic
from cockpit.markets.live.feed import LiveFeed
from cockpit.markets.live.shelf import Shelf
from cockpit.markets.venues import VENUES
from cockpit.model.assets import Universe
from cockpit.model.book import Side
from cockpit.model.instruments import Kind, kind_of, perp_symbol, spot_symbol
from cockpit.model.market import MarketSnapshot
from cockpit.model.money import floor_to
from cockpit.model.plan import Step
from cockpit.model.sources import LiveSettings
from cockpit.model.strategy import Mode
from cockpit.rotation.margin import liquidation_price
from cockpit.rotation.planner import plan
from cockpit.rotation.request import PlanRequest
from tests.eventually import eventually
from tests.loopback import Loopback
from tests.markets.live.conftest import NOW
from tests.rotation.worlds import account, book, settings, strategy

TRADED = ("ETH", "SOL", "AVAX", "UNI", "AAVE")
FUTURES = tuple(id for id, row in VENUES.items() if (side := row.side(Kind.PERP)) is not None and side.quoted)


def whole(feed: LiveFeed) -> MarketSnapshot | None:
    """The market once everything of what is traded is known; None before."""
    market = feed.snapshot(TRADED)
    symbols = {symbol for asset in TRADED for symbol in (spot_symbol(asset), perp_symbol(asset))}
    perps = {symbol for symbol in symbols if kind_of(symbol) is Kind.PERP}
    deep = {symbol for symbol, quote in market.quotes.items() if quote.bids and quote.asks}
    means = {symbol for symbol, rate in market.funding.items() if rate.mean_3d is not None}
    return market if deep == symbols and means >= perps and market.open_interest.keys() >= perps else None


@pytest.mark.parametrize("id", FUTURES)
def test_every_order_of_a_plan_is_one_that_the_venue_takes(
    id: str, loopback: Loopback, universe: Universe, tmp_path: Path
) -> None:
    few = Universe(assets={symbol: universe.assets[symbol] for symbol in (*TRADED, "BTC", "USDT")})
    shelf = Shelf(tmp_path / "market", lambda path, text: write_atomic(path, text, private=True))
    live = LiveSettings(gateway=loopback.gateway, venues=(id,), days=20)
    feed = LiveFeed(live, universe=few, shelf=shelf, clock=loopback.world.clock)
    try:
        feed.open()
        feed.follow(TRADED)
        eventually(lambda: whole(feed) is not None)
        market = whole(feed)
        assert market is not None
        as_the_world_says(id, market, loopback)
        start = book(account({"USDT": "35000", "ETH": "10", "UNI": "1250", "AAVE": "50"}))
        for name, mode in (("A", Mode.BLEND), ("B", Mode.OVERLAY), ("B", Mode.SPOT)):
            made = plan(start, market, few, strategy(name), settings(), PlanRequest(mode=mode), NOW)
            orders = [step for step in made.steps if step.action.trades]
            assert len(orders) >= 3
            for step in orders:
                taken(step, market, loopback)
    finally:
        feed.close()


def as_the_world_says(id: str, market: MarketSnapshot, loopback: Loopback) -> None:
    """Every number of the market is the world's, and all of one venue."""
    for symbol, quote in market.quotes.items():
        true, instrument = loopback.world.quote(symbol), market.instruments[symbol]
        assert (quote.bid, quote.ask, quote.venue) == (true.bid, true.ask, id), symbol
        assert quote.bids == true.bids[: len(quote.bids)], symbol
        assert quote.asks == true.asks[: len(quote.asks)], symbol
        assert quote.mark == (true.mark if instrument.kind is Kind.PERP else (true.bid + true.ask) / 2), symbol
        assert quote.at == NOW
    for symbol, rate in market.funding.items():
        told = loopback.world.funding(symbol)
        paid = [one for one in loopback.world.prints(symbol) if one.time > NOW - timedelta(days=3)]
        mean = 8 * sum((one.rate for one in paid), Decimal(0)) / sum((one.interval_hours for one in paid), Decimal(0))
        assert (rate.per_8h, rate.next_at, rate.venue) == (told.per_8h, told.next_at, ""), symbol
        assert rate.mean_3d == pytest.approx(mean, abs=Decimal("1e-12")), symbol
        held = loopback.world.open_interest(symbol) * loopback.world.quote(symbol).mark
        assert market.open_interest[symbol] == pytest.approx(held, rel=Decimal("1e-9")), symbol


def taken(step: Step, market: MarketSnapshot, loopback: Loopback) -> None:
    """The venue takes the order, and its numbers are those of the world's tiers and marks."""
    assert step.symbol is not None
    assert step.price is not None
    true, instrument = loopback.world.instruments()[step.symbol], market.instruments[step.symbol]
    assert floor_to(step.quantity, true.lot) == step.quantity
    assert floor_to(step.price, true.tick) == step.price
    assert instrument.lot == true.lot
    assert step.quantity * step.price >= instrument.least_notional(step.price)
    if not step.action.opens:
        return
    assert step.stop_price is not None
    assert floor_to(step.stop_price, true.tick) == step.stop_price
    assert step.liquidation_price is not None
    side = Side.LONG if step.action.buys else Side.SHORT
    assert step.expected_price is not None
    assert step.margin is not None
    expected = liquidation_price(side, step.quantity, step.expected_price, step.margin, loopback.world.tiers(step.symbol))
    assert step.liquidation_price == pytest.approx(expected, rel=Decimal("1e-6"))
