"""The executor: carries confirmed steps out in a thread of its own, and what screens and the command line ask of it.

Screens write rows into the store and read rows from it; the thread is the only one that talks to the venue. Another process may
confirm as well: its rows are found within a cycle.
"""

import asyncio
import contextlib
import logging
import os
import random
import threading
import time
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

from cockpit.execution.broker import Broker, Snapshot
from cockpit.execution.clock import Clock, SystemClock
from cockpit.execution.context import Context
from cockpit.execution.core import Core
from cockpit.execution.guards import age_of_plan, filled_of, look_bookmark, refusals, refuse
from cockpit.execution.lock import BEAT, SILENT, ExecutorLock
from cockpit.execution.progress import Listener, Progress, StepStatus
from cockpit.execution.standing import all_over, attempt_of, confirmable, statuses
from cockpit.model.assets import Universe
from cockpit.model.book import Book
from cockpit.model.errors import BadInput, CockpitError, RefusedByRule, StalePlan
from cockpit.model.journal import JournalKind
from cockpit.model.orders import Role, StepState
from cockpit.model.plan import Plan, Step
from cockpit.model.strategy import RiskSettings
from cockpit.rotation.checks import Refusal
from cockpit.rotation.identity import fingerprint, verify_id
from cockpit.store.rows import CommandKind, PlanState
from cockpit.store.store import Store
from cockpit.store.unit import Unit
from cockpit.store.view import View

logger = logging.getLogger(__name__)

CYCLE = 0.5
"""Seconds between two rounds when nothing is asked."""
FIRST_LOOK = 2.0
"""Seconds that an opening waits for what the venue did meanwhile; what comes later is told when it comes."""


class Executor:
    """Carries out plans of one book. One per book and machine: `start` takes an exclusive lock and a new epoch."""

    def __init__(
        self,
        store: Store,
        book: str,
        broker: Broker,
        snapshot: Snapshot,
        *,
        universe: Universe,
        settings: RiskSettings,
        lock_path: Path,
        clock: Clock | None = None,
        rng: random.Random | None = None,
        listener: Listener | None = None,
        cycle: float = CYCLE,
        watched: Mapping[str, str] | None = None,
    ) -> None:
        """`watched` accounts are left alone, and their orders refused; each has the name of the venue where it is kept."""
        self._listener = listener
        self._changed = threading.Condition()
        self._ticks = 0
        self._failure: BaseException | None = None
        clock = clock or SystemClock()
        rng = rng or random.Random()
        self._ctx = Context(
            store=store,
            book=book,
            broker=broker,
            clock=clock,
            rng=rng,
            snapshot=snapshot,
            universe=universe,
            settings=settings,
            emit=self._emit,
            started_at=clock.now(),
            watched=watched or {},
        )
        self.core = Core(self._ctx, owner=f"{os.getpid()}-{rng.getrandbits(32):08x}")
        self._lock = ExecutorLock(lock_path, now=clock.now)
        self._cycle = cycle
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._wake: asyncio.Event | None = None
        self._stopping = False
        self._looked = threading.Event()

    # Life

    def start(self) -> None:
        """Take the lock and begin to work in a thread; ExecutorRunning if another process has it."""
        self._lock.acquire()
        self._stopping = False
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), name="executor", daemon=True)
        self._thread.start()
        started.wait()
        if (failure := self.failure) is not None:
            self.stop()
            raise failure

    def stop(self) -> None:
        """Finish the cycle that runs, end the thread, give the lock back. Orders and stops at the venue stay as they are."""
        self._stopping = True
        self._nudge()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        self._lock.release()

    def looked(self) -> bool:
        """Wait for the end of the first round, FIRST_LOOK at most: what the venue did before is in the book then."""
        return self._looked.wait(FIRST_LOOK)

    @property
    def failure(self) -> CockpitError | None:
        """Why the thread ended before it was asked to, if it did. What nobody expected is named only: it may hold values."""
        if self._failure is None or isinstance(self._failure, CockpitError):
            return self._failure
        return CockpitError(f"unexpected {type(self._failure).__name__}; details are in cockpit.log")

    @property
    def unheard(self) -> str:
        """Why nobody would carry out what is confirmed here: who should is stopped or hangs; "" while it is alive."""
        holder = self._lock.holder
        if holder is None or holder.silence <= SILENT:
            return ""
        return (
            f"process {holder.process} carries out the orders of this portfolio and was last heard at {holder.at:%H:%M:%S} UTC: "
            "it was stopped or hangs, so nobody would send this now. Let it go on (fg in its terminal), or end it and this "
            "cockpit takes over"
        )

    # What the trader asks for

    def begin(self, plan: Plan, *, replaces: str | None = None) -> None:
        """Take a plan up, its steps PREVIEWED; a plan that it replaces is stopped. Nothing is sent.

        StalePlan if the plan was made on another state of the book or too long ago, RefusedByRule if it was edited.
        """
        now = self._ctx.snapshot({s.asset for s in plan.steps if s.asset}).as_of
        with self._ctx.store.begin(self._ctx.book) as unit:
            known = unit.plan(plan.plan.id)
            if known is not None and known.state in (PlanState.MADE, PlanState.BEGUN):
                return
            if known is not None:
                raise StalePlan("plan", f"this plan is {known.state}: make a new one", (f"the plan is {known.state}",))
            self._refuse_unfit(unit, plan, now, self._moves(plan))
            if replaces is not None:
                self._stop_plan(unit, replaces)
            unit.put_plan(plan, basis_revision=unit.revision())
            unit.set_bookmark(look_bookmark(plan.plan.id), now.isoformat())
            unit.journal(
                JournalKind.PLAN,
                f"plan {plan.plan.strategy} with {len(plan.steps)} steps begun",
                plan_id=plan.plan.id,
                data={"strategy": plan.plan.strategy, "mode": plan.plan.mode, "nav": plan.book.nav}
                | ({"replaces": replaces} if replaces is not None else {}),
            )
        self._ctx.tell("plan begun", plan_id=plan.plan.id)

    def confirm(self, plan_id: str, number: int, shown: str, revision: int) -> None:
        """Ask for one step: binds plan, step, attempt, the hash of what was shown and the book's revision.

        StalePlan or RefusedByRule, which name what changed, if it may not be sent as things stand now; they are checked again in
        the transaction that commits the intent.
        """
        ctx = self._ctx
        with ctx.store.begin(ctx.book) as unit:
            row, step, state = confirmable(unit, plan_id, number)
            refuse(self._refusals(unit, row.plan, step, revision), f"step {number}")
            attempt = attempt_of(unit, row, state)
            unit.put_command(CommandKind.CONFIRM, plan_id, number, attempt=attempt, shown_hash=shown, revision=revision)
            unit.set_step(plan_id, number, StepState.CONFIRMED, attempt=attempt, shown_hash=shown)
            unit.journal(
                JournalKind.CONFIRMED,
                f"step {number} confirmed",
                plan_id=plan_id,
                step=number,
                data={"attempt": attempt, "shown": shown},
            )
        ctx.tell(f"step {number} confirmed", plan_id=plan_id, step=number, state=StepState.CONFIRMED)
        self._nudge()

    def requote(self, plan_id: str, number: int) -> None:
        """Look at a step on newest quotes: its age starts again if it still fits. StalePlan or RefusedByRule if it does not."""
        ctx = self._ctx
        with ctx.store.begin(ctx.book) as unit:
            row, step, _ = confirmable(unit, plan_id, number)
            as_of = ctx.snapshot([step.asset] if step.asset else []).as_of
            unit.set_bookmark(look_bookmark(plan_id), as_of.isoformat())
            refuse(self._refusals(unit, row.plan, step, unit.revision()), f"step {number}")

    def skip(self, plan_id: str, number: int) -> None:
        """Leave a step out; what it has filled so far stays."""
        ctx = self._ctx
        with ctx.store.begin(ctx.book) as unit:
            confirmable(unit, plan_id, number)
            unit.set_step(plan_id, number, StepState.SKIPPED, message="skipped by the trader")
            unit.journal(JournalKind.SKIPPED, f"step {number} skipped", plan_id=plan_id, step=number)
        ctx.tell(f"step {number} skipped", plan_id=plan_id, step=number, state=StepState.SKIPPED)
        self._nudge()

    def stop_plan(self, plan_id: str) -> None:
        """End a plan where it stands: no further step can be confirmed. Positions and stops stay."""
        with self._ctx.store.begin(self._ctx.book) as unit:
            self._stop_plan(unit, plan_id)
        self._ctx.tell("the plan is stopped", plan_id=plan_id)

    def halt(self, reason: str = "halted by the trader") -> None:
        """Block new risk everywhere and take back entry orders that rest; stops stay."""
        with self._ctx.store.begin(self._ctx.book) as unit:
            unit.set_halt(True, reason)
            unit.journal(JournalKind.HALT, reason)
        self._ctx.tell(reason, alarm=True)
        self._nudge()

    def resume(self) -> None:
        """Allow new risk again."""
        with self._ctx.store.begin(self._ctx.book) as unit:
            unit.set_halt(False)
            unit.journal(JournalKind.RESUME, "new risk is allowed again")
        self._ctx.tell("new risk is allowed again")

    def resolve_not_placed(self, plan_id: str, number: int, reason: str) -> None:
        """A person has looked at the venue: the order of a step that needs a person is not there."""
        with self._ctx.store.view(self._ctx.book) as view:
            waiting = [i for i in view.intents(plan_id, number) if i.state is StepState.NEEDS_HUMAN and i.role is not Role.STOP]
        if not waiting:
            raise BadInput(f"step {number} needs nobody's answer")
        self.core.recovery.not_placed_says_a_person(waiting[-1].coid, reason)

    # What the trader sees

    def status(self, plan_id: str) -> tuple[StepStatus, ...]:
        """Where every step of a plan stands."""
        with self._ctx.store.view(self._ctx.book) as view:
            row = view.plan(plan_id)
            if row is None:
                raise BadInput(f"the store has no plan {plan_id}")
            return statuses(view, row)

    def current(self, plan_id: str) -> int | None:
        """The step that comes next: the first that is neither done nor skipped."""
        return next((s.number for s in self.status(plan_id) if not s.state.over), None)

    def refusals(self, plan_id: str, number: int, revision: int) -> tuple[Refusal, ...]:
        """What would refuse a confirmation of this step now; empty if nothing does. Nothing is changed."""
        with self._ctx.store.view(self._ctx.book) as view:
            row, step, _ = confirmable(view, plan_id, number)
            return tuple(self._refusals(view, row.plan, step, revision))

    def wait(self, plan_id: str, number: int, *, timeout: float = 60.0) -> StepStatus:
        """Wait until a step that was confirmed rests; CockpitError if it has not within `timeout` seconds."""
        deadline = time.monotonic() + timeout
        while True:
            seen = self._ticks
            status = self.status(plan_id)[number - 1]
            if status.state in (StepState.STALE, StepState.DENIED):
                rule = "stale" if status.state is StepState.STALE else "refused"
                sentences = tuple(status.message.split("; "))
                if status.state is StepState.STALE:
                    raise StalePlan(rule, status.message, sentences)
                raise RefusedByRule(rule, status.message)
            if status.state.final or status.state is StepState.NEEDS_HUMAN:
                return status
            if self._failure is not None:
                raise CockpitError(f"the executor has stopped: {self.failure}")
            if time.monotonic() > deadline:
                raise CockpitError(f"step {number} is still {status.state} after {timeout:g} s; it is being looked up")
            with self._changed:
                if seen == self._ticks:
                    self._changed.wait(0.5)

    # Inside

    def _refusals(self, view: View, plan: Plan, step: Step, revision: int) -> list[Refusal]:
        if unheard := self.unheard:
            return [Refusal("executor", unheard)]
        book = self._book(view)
        left = step.quantity - filled_of(view, plan.plan.id, step.number)
        return refusals(self._ctx, view, plan=plan, step=step, book=book, revision=revision, left=left)

    def _book(self, view: View) -> Book:
        book = view.book()
        if book is None:
            raise BadInput(f"the store has no portfolio {view.name}")
        return book

    def _refuse_unfit(self, view: View, plan: Plan, now: datetime, moves: bool) -> None:
        """A plan is taken up only for the book that it was made on, unedited and while its quotes are fresh."""
        book, found = self._book(view), []
        if not verify_id(plan):
            found.append(Refusal("plan", "the plan was edited by hand: its id no longer belongs to its content"))
        if plan.book.name != book.name:
            found.append(Refusal("book", f"the plan is for the book {plan.book.name}, this is {book.name}"))
        elif plan.book.fingerprint != fingerprint(book):
            found.append(Refusal("revision", f"the book was at revision {plan.book.revision}, it is at {book.revision}"))
        if moves:
            found += age_of_plan(plan.market.as_of, now, self._ctx.settings.limits.plan_age_max_s)
        refuse(found, "the plan")

    def _stop_plan(self, unit: Unit, plan_id: str) -> None:
        row = unit.plan(plan_id)
        if row is None:
            raise BadInput(f"the store has no plan {plan_id}")
        on_the_way = [s for s in unit.steps(plan_id) if s.state in (StepState.CONFIRMED, StepState.INTENT, StepState.UNKNOWN)]
        if on_the_way:
            raise RefusedByRule("sequence", f"step {on_the_way[0].number} is {on_the_way[0].state}: wait until it is resolved")
        if row.state in (PlanState.MADE, PlanState.BEGUN) and not all_over(unit, plan_id):
            unit.set_plan_state(plan_id, PlanState.STOPPED)
            unit.journal(JournalKind.PLAN, "the plan is stopped where it stands", plan_id=plan_id)

    def _moves(self, plan: Plan) -> bool:
        """Whether any quote of the plan moves: pinned prices do not age."""
        symbols = {step.symbol for step in plan.steps if step.symbol}
        quotes = self._ctx.snapshot({s.asset for s in plan.steps if s.asset}).quotes
        return any(not quotes[symbol].pinned for symbol in symbols if symbol in quotes)

    def _emit(self, progress: Progress) -> None:
        with self._changed:
            self._ticks += 1
            self._changed.notify_all()
        if self._listener is not None:
            with contextlib.suppress(Exception):  # whoever watches never keeps an order or a stop from its way
                self._listener(progress)

    def _nudge(self) -> None:
        loop, wake = self._loop, self._wake
        if loop is not None and wake is not None:
            with contextlib.suppress(RuntimeError):  # the thread has come to its end just now
                loop.call_soon_threadsafe(wake.set)

    def _run(self, started: threading.Event) -> None:
        try:
            asyncio.run(self._main(started))
        except Exception as error:  # the thread's last line: what happened is told and kept
            self._failure = error
            if not isinstance(error, CockpitError):
                logger.critical("the executor has stopped", exc_info=error)
            self._ctx.tell(f"the executor has stopped: {self.failure}", alarm=True)
        finally:
            self._loop = None
            self._looked.set()
            self.core.end()
            started.set()

    async def _main(self, started: threading.Event) -> None:
        self._loop, self._wake = asyncio.get_running_loop(), asyncio.Event()
        self._beating = asyncio.create_task(self._beat())
        await self.core.begin()
        started.set()
        while not self._stopping:
            self._wake.clear()
            await self.core.cycle()
            self._looked.set()
            if self._stopping:
                return
            try:
                async with asyncio.timeout(self._cycle):
                    await self._wake.wait()
            except TimeoutError:
                continue

    async def _beat(self) -> None:
        """Give signs of life for as long as this loop runs, also while a venue keeps the cycle waiting."""
        while True:
            self._lock.beat()
            await asyncio.sleep(BEAT)
