"""What every market, simulated, recorded or live, gives to the desk."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from cockpit.model.market import MarketLabel, MarketSnapshot

if TYPE_CHECKING:
    from cockpit.signals.history import MarketHistory


class MarketFeed(Protocol):
    """One market. `source` names it in files and headers, e.g. "simulated seed 7" or "recorded history-2020-2022"."""

    @property
    def source(self) -> str: ...

    @property
    def label(self) -> MarketLabel: ...

    @property
    def ticks(self) -> bool:
        """Whether quotes move between two calls of `snapshot`; a recorded day stands still."""
        ...

    def now(self) -> datetime:
        """The market's own time (UTC): quote ages and funding times are measured against it."""
        ...

    def snapshot(self, assets: Iterable[str]) -> MarketSnapshot:
        """Quotes with depth, instruments with margin tiers and funding of these assets, spot and perpetual.

        Assets that the market does not know are left out.

        Cheap and free of pandas, so that positions can be painted before history is loaded.
        """
        ...

    def history(self) -> MarketHistory:
        """Daily history up to now. May take long: call it in a worker."""
        ...
