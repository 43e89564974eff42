"""Carries plans out behind a desk as a trader would: real store, real executor, paper venue, and time that the test sets."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cockpit.desk import Desk, DeskOptions
from cockpit.execution.bookkeeping import differences
from cockpit.execution.session import PaperSession
from cockpit.files.shipped import sample_portfolios
from cockpit.model.book import Account, Book
from cockpit.model.journal import JournalKind
from cockpit.model.orders import StepState, VenueAccount
from cockpit.model.picture import ExecutionView
from cockpit.model.plan import Plan
from cockpit.model.request import PlanRequest

NOON = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)
SAMPLES = {path.stem: path for path in sample_portfolios()}
WORKED = PlanRequest(strategy="B", preset="reconciled")
"""What the blueprint's worked example asks for."""
PATIENCE = 60.0
"""Seconds after which an order that is still on its way counts as lost; never what a test measures."""


class SetClock:
    """Time that stands still until the test moves it."""

    def __init__(self, start: datetime = NOON) -> None:
        self.time = start

    def __call__(self) -> datetime:
        return self.time

    def advance(self, delta: timedelta) -> None:
        self.time += delta


def desk_on(sample: str | Path, folder: Path, clock: SetClock | None = None, **options: object) -> Desk:
    """A desk over a sample, or a file, with its store in `folder`."""
    path = SAMPLES[sample] if isinstance(sample, str) else sample
    chosen = DeskOptions(portfolio=str(path), store=f"sqlite:///{folder / 'store.db'}", **options)  # type: ignore[arg-type]
    return Desk(chosen, clock=clock or SetClock())


def session_of(desk: Desk) -> PaperSession:
    """The open session of a desk."""
    assert desk._session is not None
    return desk._session


def worked_plan(desk: Desk) -> Plan:
    """The plan of the worked example, on the book as it is."""
    plan = desk.propose(WORKED).plan
    assert plan is not None
    return plan


def execution_of(desk: Desk) -> ExecutionView:
    """The plan in execution."""
    execution = desk.tick().execution
    assert execution is not None
    return execution


def do_step(desk: Desk, number: int) -> ExecutionView:
    """Look at the ticket of a step, confirm it, and wait until it is done; the plan in execution after it."""
    ticket = desk.ticket(number)
    assert ticket.refusals == (), ticket.refusals
    desk.confirm(ticket)
    session_of(desk).executor.wait(ticket.plan_id, number, timeout=PATIENCE)
    execution = execution_of(desk)
    view = execution.steps[number - 1]
    assert view.state is StepState.DONE, f"step {number} is {view.state}: {view.message}"
    return execution


def carry_out(desk: Desk, steps: int | None = None) -> ExecutionView:
    """Confirm what is next until the plan, or the first `steps` of it, is done."""
    execution = execution_of(desk)
    while execution.current is not None and (steps is None or execution.current <= steps):
        execution = do_step(desk, execution.current)
    return execution


def begin_worked(desk: Desk, steps: int = 0) -> Plan:
    """That plan, begun, with its first steps done."""
    plan = worked_plan(desk)
    desk.begin(plan)
    if steps:
        carry_out(desk, steps)
    return plan


def kinds(desk: Desk, *wanted: JournalKind) -> list[str]:
    """The journal's messages of some kinds, oldest first."""
    return [row.message for row in desk.tick().journal if row.kind in wanted]


def _settled(session: PaperSession, account: Account) -> VenueAccount:
    """The venue's account once the executor has taken older stops away, which it does when the step is done already."""
    until = time.monotonic() + PATIENCE
    while True:
        venue = asyncio.run(session.executor._ctx.broker.account(account.id))
        if len(venue.stops) <= len(account.positions) or time.monotonic() > until:
            return venue
        time.sleep(0.005)


def check_at_rest(desk: Desk) -> Book:
    """The ledger is the venue's account, and every position has exactly its stop there; the book."""
    session = session_of(desk)
    book = session.book()
    for account in book.accounts:
        venue = _settled(session, account)
        assert differences(account, venue.account) == ()
        assert venue.open_orders == ()
        resting = sorted((stop.symbol, stop.quantity, stop.trigger_price) for stop in venue.stops)
        assert resting == sorted((p.symbol, p.quantity, p.stop_price) for p in account.positions if p.stop_price is not None)
        assert [p.symbol for p in account.positions if p.stop_price is None] == []
    return book
