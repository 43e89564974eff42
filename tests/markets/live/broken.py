"""Breaks the cockpit on purpose: a soak that says nothing of it would say nothing of a real fault either.

By hand: `python -m tests.markets.live.soak --panes --seconds 90 --break NAME`, which ends well where it was noticed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from decimal import Decimal
from typing import Any
from unittest.mock import patch

from msgspec.structs import replace

from cockpit.markets.live.feed import LiveFeed
from cockpit.model import exposure
from cockpit.model.market import FRESH, MarketSnapshot
from cockpit.ui.blocks import journal, position_grid, positions, quoted
from cockpit.ui.charts import curves
from cockpit.ui.charts.canvas import Canvas
from tests.markets.live.witness import BY, DEARER, dearer

PERCENT = Decimal("1.01")
CELLS = 3


def _market(changed: Callable[[LiveFeed, MarketSnapshot], MarketSnapshot]) -> Any:
    """Every picture's market, changed."""
    true = LiveFeed.snapshot
    return patch.object(LiveFeed, "snapshot", lambda feed, assets: changed(feed, true(feed, assets)))


def _fresh(feed: LiveFeed, market: MarketSnapshot) -> MarketSnapshot:
    now = feed.now()
    quotes = {symbol: replace(one, at=now) if now - one.at > FRESH else one for symbol, one in market.quotes.items()}
    return replace(market, quotes=quotes)


def _other_venue(_feed: LiveFeed, market: MarketSnapshot) -> MarketSnapshot:
    quotes = {symbol: one if one.venue == DEARER else dearer(one, one.mark * BY) for symbol, one in market.quotes.items()}
    return replace(market, quotes=quotes)


def _turned(_feed: LiveFeed, market: MarketSnapshot) -> MarketSnapshot:
    return replace(market, funding={symbol: replace(one, rate=-one.rate) for symbol, one in market.funding.items()})


def _weights() -> Any:
    true = exposure._sectors

    def heavier(*given: Any) -> Any:
        return {sector: replace(one, weight=one.weight * PERCENT) for sector, one in true(*given).items()}

    return patch.object(exposure, "_sectors", heavier)


@contextmanager
def _unmarked() -> Iterator[None]:
    with ExitStack() as stack:
        for module in (position_grid, positions, quoted):
            stack.enter_context(patch.object(module, "old_quote", lambda *_: None))
        yield


def _earlier_close() -> Any:
    true = curves._curve_text
    return patch.object(curves, "_curve_text", lambda index, curve, values, write: true(index, curve, values[:-1], write))


def _beside() -> Any:
    true = Canvas.column_of
    return patch.object(Canvas, "column_of", lambda canvas, value: true(canvas, value) + CELLS)


def _one_more() -> Any:
    true = journal._value
    return patch.object(journal, "_value", lambda key, text: true(key, str(Decimal(text) + 1) if key == "quantity" else text))


BREAKS: Mapping[str, Callable[[], Any]] = {
    "fresh": lambda: _market(_fresh),
    "venue": lambda: _market(_other_venue),
    "funding": lambda: _market(_turned),
    "weight": _weights,
    "mark": _unmarked,
    "close": _earlier_close,
    "map": _beside,
    "journal": _one_more,
}
"""An old quote shown as fresh, the price of another venue, a funding rate with the wrong sign, weights off by 1 %, old quotes
without their mark, the close of a day before, names beside their places on the map, another quantity in the journal."""
