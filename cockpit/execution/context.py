"""What every part of the executor works with."""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cockpit.execution.broker import Broker, Snapshot
from cockpit.execution.clock import Clock
from cockpit.execution.progress import Progress
from cockpit.model.assets import Universe
from cockpit.model.orders import StepState
from cockpit.model.strategy import RiskSettings
from cockpit.store.store import Store


@dataclass(kw_only=True)
class Context:
    """The executor's hands: store, venue, clock, chance, market and rules, and the epoch with which it writes each account.

    `started_at` is when this executor began: what waited for it while nobody worked counts from there.
    `unsent` holds the client ids of intents that this process has committed and not yet sent: only it can know that.
    `watched` are the accounts that are read at a venue and never traded on from here, each with the venue's name.
    """

    store: Store
    book: str
    broker: Broker
    clock: Clock
    rng: random.Random
    snapshot: Snapshot
    universe: Universe
    settings: RiskSettings
    emit: Callable[[Progress], None]
    started_at: datetime
    epochs: dict[str, int] = field(default_factory=dict)
    unsent: set[str] = field(default_factory=set)
    watched: Mapping[str, str] = field(default_factory=dict)

    @property
    def worked(self) -> tuple[str, ...]:
        """The accounts that this executor works on: every one of the book but those that are only watched."""
        return tuple(account for account in self.epochs if account not in self.watched)

    def now(self) -> datetime:
        """The clock's time."""
        return self.clock.now()

    def tell(
        self,
        message: str,
        *,
        plan_id: str = "",
        step: int | None = None,
        state: StepState | None = None,
        account: str = "",
        alarm: bool = False,
    ) -> None:
        """Tell the listener, after the commit that made it true."""
        progress = Progress(at=self.now(), message=message, plan_id=plan_id, step=step, state=state, account=account, alarm=alarm)
        self.emit(progress)
