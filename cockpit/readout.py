"""What the signals say of a market's history, computed once an edition of it."""

from __future__ import annotations

import threading
from collections.abc import Hashable
from typing import TYPE_CHECKING

from cockpit.files.settings import load_phase_settings
from cockpit.markets.feed import MarketFeed
from cockpit.model.assets import Universe
from cockpit.model.charts import PriceHistory, Series

if TYPE_CHECKING:
    from cockpit.signals.engine import Signals


class Readout:
    """The signals of one market. Safe from any thread: one computes, the others wait for it."""

    def __init__(self, feed: MarketFeed, universe: Universe) -> None:
        self._feed = feed
        self._universe = universe
        self._lock = threading.Lock()
        self._signals: Signals | None = None
        self._of: Hashable = None

    @property
    def behind(self) -> bool:
        """Whether the market's history is another one than when it was last asked for, in vain or not."""
        return self._of != self._feed.edition

    def signals(self) -> Signals:
        """Every indicator and the phase over the market's whole history; slow the first time."""
        with self._lock:
            edition = self._feed.edition
            if self._signals is None or self._of != edition:
                from cockpit.signals.engine import compute

                self._of = edition
                self._signals = compute(self._feed.history(), self._universe, load_phase_settings())
            return self._signals

    def series(self, indicator: str, subject: str, days: int) -> Series:
        """One indicator of one subject over the last days; BadInput where there is no such pair."""
        from cockpit.signals import charts

        return charts.series(self.signals(), indicator, subject, days)

    def price_history(self, asset: str, days: int) -> PriceHistory:
        """An asset's daily closes over the last days; without any where the market's history does not have it."""
        from cockpit.signals import charts

        return charts.price_history(self.signals(), asset, days)
