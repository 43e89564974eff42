"""What every market, simulated, recorded or live, gives to the desk."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from cockpit.model.market import MarketLabel, MarketSnapshot
from cockpit.model.sources import Health, Source

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

    @property
    def edition(self) -> Hashable:
        """Another one whenever `history` would give something else: what was computed from it is computed anew."""
        ...

    def open(self) -> None:
        """Begin to ask whoever has to be asked; a second call does nothing."""
        ...

    def follow(self, assets: Iterable[str]) -> None:
        """Look at these assets closely from now on, and at no others: their order books are kept fresh enough to trade on."""
        ...

    def wait_for(self, assets: Iterable[str], seconds: float) -> None:
        """Return once these assets have quotes of now, or nobody can give them, or so many seconds have passed."""
        ...

    def sources(self) -> tuple[Source, ...]:
        """Every source as it stands, in the order in which they are asked."""
        ...

    def hurry(self) -> None:
        """The end is near: whoever waits for something waits no longer."""
        ...

    def close(self) -> None:
        """Ask nobody any more, and close what was opened."""
        ...


class AtHand:
    """What a market that asks nobody answers to the questions of the network: it is open, whole and there."""

    source: str

    def now(self) -> datetime:
        """The market's own time (UTC)."""
        raise NotImplementedError

    @property
    def edition(self) -> Hashable:
        """Its day."""
        return self.now().date()

    def open(self) -> None:
        """Nothing is asked."""

    def follow(self, assets: Iterable[str]) -> None:
        """Every asset is looked at closely."""

    def wait_for(self, assets: Iterable[str], seconds: float) -> None:
        """Every quote is there."""

    def sources(self) -> tuple[Source, ...]:
        """Itself."""
        return (Source(name=self.source, health=Health.GOOD, used_for=("everything",), heard_at=self.now()),)

    def hurry(self) -> None:
        """Nobody waits."""

    def close(self) -> None:
        """Nothing was opened."""
