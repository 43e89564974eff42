"""A portfolio at work on the paper account: its store, its venue and its executor, as the desk uses them."""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from cockpit.execution import guards
from cockpit.execution.broker import Snapshot
from cockpit.execution.clock import SystemClock
from cockpit.execution.daily import state_of
from cockpit.execution.executor import Executor
from cockpit.execution.lock import ExecutorRunning
from cockpit.execution.looks import Looks
from cockpit.execution.mirror import adopt
from cockpit.execution.paper import PaperBroker
from cockpit.execution.past import past_of
from cockpit.execution.presence import Presence
from cockpit.execution.progress import Progress, StepStatus
from cockpit.execution.showing import rotation_of
from cockpit.execution.standing import all_over
from cockpit.execution.ticket import make_ticket
from cockpit.model.assets import Universe
from cockpit.model.book import Book
from cockpit.model.errors import BadInput, RefusedByRule, StalePlan, StoreError
from cockpit.model.inquiry import FillLine, OrderLine
from cockpit.model.journal import JournalKind, JournalRow
from cockpit.model.market import MarketSnapshot
from cockpit.model.picture import Ticket
from cockpit.model.plan import Plan
from cockpit.model.readings import PhaseCall
from cockpit.model.request import PlanRequest
from cockpit.model.sources import Seen
from cockpit.model.strategy import RiskSettings
from cockpit.rotation.identity import plan_id, verify_id
from cockpit.rotation.renew import remaining, renewed
from cockpit.rotation.resume import compare, freeze, unwind
from cockpit.store.rows import Opened, PlanRow, PlanState
from cockpit.store.store import Store

_OPEN = (PlanState.MADE, PlanState.BEGUN)
_PHASE = "phase"
_EDITED = "edited-plan:"


class PaperSession:
    """One open portfolio. If another cockpit executes it, this one watches, and what it confirms is carried out there."""

    def __init__(
        self,
        portfolio: Book,
        source: str,
        *,
        url: str,
        lock_folder: Path,
        fresh: bool,
        snapshot: Snapshot,
        settings: RiskSettings,
        universe: Universe,
        clock: Callable[[], datetime] | None = None,
        listener: Callable[[Progress], None] | None = None,
        watched: Mapping[str, str] | None = None,
    ) -> None:
        """Open or resume the book in the store at `url`, deposit it at the paper venue, and start the executor.

        `watched` accounts are kept at a venue, by its name, and only read: they are not deposited, and nothing is sent on them.
        """
        self.name = portfolio.name
        self._watched = watched or {}
        self._adopted: dict[str, Seen] = {}
        self._snapshot, self._settings, self._universe = snapshot, settings, universe
        self._store = Store(url)
        try:
            self.opened: Opened = self._store.open_book(portfolio, source, fresh=fresh)
            self._clock = SystemClock(clock)
            self._looks = Looks(self._store, self.name, self._clock)
            broker = PaperBroker(self._store.database, self.name, snapshot, settings.fees, self._looks.version)
            with self._store.view(self.name) as view:
                row = view.book_row()
                self._opened_seq = view.newest_seq()
            self.presence = Presence(self._store, self.name, clock)
            broker.open(self.opened.book, row.opened_revision if row is not None else 0, self._watched)
            lock = hashlib.blake2b(f"{self._store.id}|{self.name}".encode(), digest_size=8).hexdigest()
            self.executor = Executor(
                self._store,
                self.name,
                broker,
                snapshot,
                universe=universe,
                settings=settings,
                lock_path=lock_folder / f"executor-{lock}.lock",
                clock=self._clock,
                listener=listener,
                watched=self._watched,
            )
            self.watching = ""
            self._executes = False
            self._starting = threading.Lock()
            self._refused: set[tuple[PlanRequest, str]] = set()
            self._start()
            if self._executes:
                self.executor.looked()
            self.absence = self.presence.absence() if self.opened.resumed else None
        except BaseException:
            self._store.close()
            raise

    def close(self) -> dict[str, Any]:
        """End the executor and close the store; orders and stops stay as they are. The picture's fields as they stand then."""
        self.executor.stop()
        left: dict[str, Any] = {}
        with contextlib.suppress(StoreError):
            look = self._looks.newest()
            left = {"journal": look.journal, "execution": look.execution, "abandoned": look.abandoned}
            self.presence.end()
        self._looks.close()
        self._store.close()
        return left

    # What the picture shows

    def opening(self) -> dict[str, Any]:
        """The fields of the picture that tell of the opening, but for the absence."""
        opened, absence = self.opened, self.absence
        told = opened.difference if opened.resumed else "" if opened.first else opened.message
        return {
            "notices": tuple(filter(None, (told, self.watching))),
            "first_start": opened.first,
            "opened_seq": self._opened_seq if absence is None else absence.upto,
        }

    def book(self) -> Book:
        """The book at its present revision."""
        book = self._looks.newest().book
        if book is None:
            raise StoreError(f"the store has no portfolio {self.name} any more: it was removed from outside")
        return book

    def progress(self, nav: Decimal) -> dict[str, Any]:
        """The fields of the picture that come from the store: the plans, journal, halt, and what a NAV of `nav` allows today."""
        if self.watching:
            self._start()
        with contextlib.suppress(StoreError):
            self.presence.renew()
        kept = self._looks.newest()
        return {
            "unheard": self.executor.unheard,
            "halted": kept.halted,
            "trading_state": "HALTED" if kept.halted else state_of(nav, kept.day_start, self._settings.limits),
            "journal": kept.journal,
            "execution": kept.execution,
            "abandoned": kept.abandoned,
        }

    def journal(self, after: int) -> tuple[JournalRow, ...]:
        """Every event with a `seq` above `after`, oldest first."""
        with self._store.view(self.name) as view:
            return view.journal_rows(after=after)

    def past(self, asset: str) -> tuple[tuple[OrderLine, ...], tuple[FillLine, ...]]:
        """The newest orders and fills of an asset."""
        with self._store.view(self.name) as view:
            return past_of(view, asset)

    def active(self) -> PlanRow | None:
        """The plan in execution: the newest one that is neither done nor stopped, and has a step that is not over."""
        with self._store.view(self.name) as view:
            plans = [row for row in view.plans(*_OPEN) if not all_over(view, row.id)]
        return plans[-1] if plans else None

    # What the trader asks for

    def begin(self, plan: Plan) -> None:
        """Take a plan up; a plan in execution is stopped where it stands. A plan edited by hand passes the risk gate again first.

        StalePlan, with every difference before and after, if it was made on another book or market.
        """
        guards.refuse(list(guards.watched(self._watched, plan.steps)), "the plan")
        active = self.active()
        edited = not verify_id(plan)
        known = self._begun_as(plan) if edited else plan.plan.id
        self._refuse_over(known)
        if active is not None and active.id == known:
            return
        book = self.book()
        market = self._market(book, plan)
        changes = compare(plan, book, market, self._settings.limits, market.as_of)
        if changes:
            raise StalePlan("plan", "the plan no longer fits; make it again", changes)
        if edited:
            name = plan_id(plan)
            plan = renewed(plan, (), book, market, self._universe, self._settings, market.as_of)
            with self._store.begin(self.name) as unit:
                unit.set_bookmark(_EDITED + name, plan.plan.id)
        if plan.broken is not None:
            raise RefusedByRule(
                plan.broken.rule, f"the plan cannot be begun, it breaks {plan.broken.rule}: {plan.broken.message}"
            )
        self.executor.begin(plan, replaces=active.id if active is not None else None)
        self._refused.clear()

    def renew(self) -> Plan:
        """What is left of the plan in execution at today's prices, as a plan of its own; RefusedByRule if it breaks a rule."""
        row, done, filled = self._standing()
        book = self.book()
        market = self._market(book, row.plan)
        rest = remaining(row.plan, filled)
        return renewed(rest, done, book, market, self._universe, self._settings, market.as_of)

    def unwind(self) -> Plan:
        """The way back to the book before the first step of the rotation."""
        return self._way_back(self._standing()[0])

    def undo(self) -> Plan:
        """The way back to the book before the newest rotation, whether its plan is finished, stopped or in execution."""
        with self._store.view(self.name) as view:
            opened = view.book_row()
            row = view.newest_plan(opened.opened_revision) if opened is not None else None
        if row is None:
            raise BadInput("there is no plan to undo: none was begun since the portfolio was opened")
        return self._way_back(row)

    def freeze(self) -> Plan:
        """What is done stays, and of the rest only what cuts net exposure is completed."""
        row, done, filled = self._standing()
        book = self.book()
        market = self._market(book, row.plan)
        return freeze(remaining(row.plan, filled), done, book, market, self._universe, self._settings, market.as_of)

    def ticket(self, number: int) -> Ticket:
        """The ticket of a step on the newest book and quotes; showing it is a fresh look, so its age counts from now."""
        row, statuses = self._steps(number)
        with contextlib.suppress(RefusedByRule):
            self.executor.requote(row.id, number)
        book = self.book()
        return make_ticket(
            row.plan,
            number,
            attempt=statuses[number - 1].attempt,
            done={s.number for s in statuses if s.state.over},
            filled={s.number: s.filled for s in statuses},
            book=book,
            market=self._market(book, row.plan),
            universe=self._universe,
            settings=self._settings,
            refusals=self.executor.refusals(row.id, number, book.revision),
        )

    def confirm(self, ticket: Ticket) -> None:
        """Send the step of a ticket, once; StalePlan or RefusedByRule if it may not be sent as things stand now."""
        row, statuses = self._steps(ticket.step.number)
        attempt = statuses[ticket.step.number - 1].attempt
        _refuse_another(ticket.plan_id, row)
        if attempt != ticket.attempt:
            change = f"the ticket was for attempt {ticket.attempt}, it would be attempt {attempt}"
            raise StalePlan("duplicate", f"this ticket was used before: {change}", (change,))
        self.executor.confirm(row.id, ticket.step.number, ticket.shown_hash, ticket.revision)

    def skip(self, number: int, plan: str = "") -> None:
        """Leave a step out; StalePlan where `plan`, the id of the plan that was shown, is not the one in execution."""
        row, _ = self._steps(number)
        _refuse_another(plan, row)
        self.executor.skip(row.id, number)

    def requote(self, number: int) -> Ticket:
        """A ticket for what comes next at newest prices.

        Where the step no longer fits its prices, what is left becomes a plan of its own; RefusedByRule if that breaks a rule.
        """
        try:
            self.executor.requote(self._steps(number)[0].id, number)
        except StalePlan:
            self.begin(self.renew())
            return self.ticket(1)
        return self.ticket(number)

    def abandon(self, plan: str = "") -> None:
        """End the plan in execution where it stands; StalePlan where `plan`, the id of the one that was shown, is another."""
        active = self.active()
        if active is not None:
            _refuse_another(plan, active)
            self.executor.stop_plan(active.id)

    def adopt(self, seen: Mapping[str, Seen]) -> None:
        """Take over what watched accounts hold at their venues; others are ignored."""
        for account_id in self._watched.keys() & seen.keys():
            found, last = seen[account_id], self._adopted.get(account_id)
            if last is None or last.at != found.at:
                adopt(self._store, self.name, found, self._snapshot, self._clock.now().date(), last)
                self._adopted[account_id] = found

    def note_phase(self, call: PhaseCall) -> None:
        """Journal the phase when it is another one than at the last look."""
        with self._store.view(self.name) as view:
            before = view.bookmark(_PHASE)
        if before == call.phase:
            return
        with self._store.begin(self.name) as unit:
            unit.set_bookmark(_PHASE, call.phase)
            was = f"was {before}" if before else "first seen"
            unit.journal(
                JournalKind.PHASE,
                f"phase {call.phase}, {was}; close of {call.day}, {call.source}",
                data={"phase": call.phase, "before": before or "", "day": call.day},
            )

    def note_export(self, plan: Plan, path: Path) -> None:
        """Journal that a plan was written to a file."""
        with self._store.begin(self.name) as unit:
            unit.journal(JournalKind.EXPORT, f"plan written to {path.name}", plan_id=plan.plan.id)

    def note_refusal(self, request: PlanRequest, rule: str, sentence: str) -> None:
        """Journal that a rule refused a plan, once for a request and a rule until a plan begins: previews follow the prices."""
        if (request, rule) in self._refused:
            return
        self._refused.add((request, rule))
        with self._store.begin(self.name) as unit:
            unit.journal(JournalKind.REFUSAL, sentence, data={"rule": rule})

    def _steps(self, number: int) -> tuple[PlanRow, tuple[StepStatus, ...]]:
        """The plan in execution, which must have a step of that number, and where its steps stand."""
        row = self.active()
        if row is None:
            raise BadInput("no plan is in execution: begin one first")
        if not 1 <= number <= len(row.plan.steps):
            raise BadInput(f"the plan has no step {number}: it has {len(row.plan.steps)}")
        return row, self.executor.status(row.id)

    def _way_back(self, row: PlanRow) -> Plan:
        with self._store.view(self.name) as view:
            first = rotation_of(view, row)[0].plan
        book = self.book()
        market = self._market(book, first)
        return unwind(first, book, market, self._universe, self._settings, market.as_of)

    def _begun_as(self, plan: Plan) -> str:
        """The id under which a plan edited by hand was taken up before; empty if it never was."""
        with self._store.view(self.name) as view:
            return view.bookmark(_EDITED + plan_id(plan)) or ""

    def _refuse_over(self, name: str) -> None:
        with self._store.view(self.name) as view:
            known = view.plan(name)
            over = known is not None and all_over(view, name)
        if known is not None and (over or known.state not in _OPEN):
            change = f"the plan is {known.state if known.state not in _OPEN else PlanState.DONE}"
            raise StalePlan("plan", f"{change}: nothing of it is sent again, make a new one", (change,))

    def _standing(self) -> tuple[PlanRow, set[int], dict[int, Decimal]]:
        """The plan in execution, the steps that are over, and how much of each step is filled."""
        row, statuses = self._steps(1)
        return row, {s.number for s in statuses if s.state.over}, {s.number: s.filled for s in statuses}

    def _market(self, book: Book, plan: Plan) -> MarketSnapshot:
        return self._snapshot({*book.assets(), *(step.asset for step in plan.steps if step.asset)})

    def _start(self) -> None:
        """Start the executor; while another process runs one, say so and try again with every picture.

        Pictures are made in several threads, the executor's own among them: one at a time tries, the others do not wait for it.
        """
        if not self._starting.acquire(blocking=False):
            return
        try:
            if not self._executes:
                self.executor.start()
                self._executes, self.watching = True, ""
        except ExecutorRunning as running:
            self.watching = str(running)
        finally:
            self._starting.release()


def _refuse_another(shown: str, row: PlanRow) -> None:
    """Another cockpit may have begun another plan since this one was shown; no id means whichever is in execution."""
    if shown and shown != row.id:
        change = f"the plan was {shown[:8]}, it is {row.id[:8]}"
        raise StalePlan("plan", f"what was shown belongs to another plan: {change}", (change,))
