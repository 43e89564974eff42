"""One schedule of the simulation: the worked plan on an unclear venue, with crashes, all drawn from one seed."""

import asyncio
import random
from collections import Counter
from pathlib import Path

from cockpit.execution.bookkeeping import differences
from cockpit.execution.paper import PaperBroker
from cockpit.execution.stops import READ_BACK_WITHIN, covers
from cockpit.model.orders import OrderStatus, Role, StepState
from cockpit.model.plan import Plan
from tests.execution.boundaries import Crash
from tests.execution.unclear import Faults, UnclearVenue
from tests.execution.worked import Desk, VirtualClock

MAX_CYCLES = 800
WORST = Faults(lost_before=0.12, lost_after=0.15, late=0.12, hidden=0.3, query_fails=0.12, crash=0.015)


class Simulation:
    """The real executor, store and paper venue; only the line to the venue, the clock and chance are the test's."""

    def __init__(self, folder: Path, seed: int, faults: Faults = WORST) -> None:
        self.folder, self.seed = folder, seed
        self.chance = random.Random(seed)
        self.clock = VirtualClock()
        self.faults = faults
        self.venue: UnclearVenue | None = None
        self.started = self.clock.now()
        first = Desk(folder, clock=self.clock)
        self.plan: Plan = first.plan()
        first.executor.begin(self.plan)
        first.store.close()

    def run(self) -> str:
        """Carry the plan out through every crash; how it ended: "done", or the state that a person has to look at."""
        desk = self._desk()
        begun = False
        for _ in range(MAX_CYCLES):
            try:
                if not begun:
                    asyncio.run(desk.executor.core.begin())
                    begun = True
                asyncio.run(desk.executor.core.cycle())
                self._every_cycle(desk)
                number = desk.executor.current(self.plan.plan.id)
                if number is None and self._at_rest(desk):
                    self._check(desk)
                    desk.store.close()
                    return "done"
                if number is not None:
                    self._confirm(desk, number)
            except Crash:
                desk.store.close()
                self.clock.advance(self.chance.choice((0.5, 2, 20, 60)))
                desk, begun = self._desk(), False
            self.clock.advance(self.chance.choice((0.25, 0.5, 1, 5)))
        states = desk.states(self.plan)
        desk.store.close()
        raise AssertionError(f"seed {self.seed}: not at rest after {MAX_CYCLES} cycles: {states}")

    def _desk(self) -> Desk:
        def wrap(paper: PaperBroker) -> UnclearVenue:
            fresh = UnclearVenue(paper, self.clock, self.chance, self.faults)
            if self.venue is not None:  # the venue outlives the process: what was on the way still arrives
                fresh.accepted, fresh.on_the_way = self.venue.accepted, self.venue.on_the_way
                fresh.visible_at = self.venue.visible_at
            self.venue = fresh
            return fresh

        self.started = self.clock.now()
        return Desk(self.folder, clock=self.clock, venue=wrap)

    def _confirm(self, desk: Desk, number: int) -> None:
        state = desk.states(self.plan)[number - 1]
        with desk.store.view(desk.book.name) as view:
            revision = view.revision()
            flattened = any(i.role is Role.FLATTEN for i in view.intents(self.plan.plan.id, number))
        if flattened and state is StepState.CANCELLED:
            desk.executor.skip(self.plan.plan.id, number)
        elif state in (StepState.PREVIEWED, StepState.STALE, StepState.DENIED, StepState.NOT_PLACED, StepState.CANCELLED):
            desk.executor.confirm(self.plan.plan.id, number, f"shown {number}", revision)

    def _at_rest(self, desk: Desk) -> bool:
        assert self.venue is not None
        with desk.store.view(desk.book.name) as view:
            return not self.venue.on_the_way and not view.unresolved_intents()

    def _every_cycle(self, desk: Desk) -> None:
        """I1 and I2, at every moment: nothing accepted twice, and nothing accepted that the store does not know."""
        assert self.venue is not None
        twice = [coid for coid, times in self.venue.accepted.items() if times > 1]
        assert not twice, f"seed {self.seed}: accepted twice: {twice}"
        known = {intent.coid: intent for intent in desk.intents(self.plan)}
        assert set(self.venue.accepted) <= set(known), f"seed {self.seed}: accepted without an intent"
        lost = [coid for coid in self.venue.accepted if known[coid].state is StepState.NOT_PLACED]
        assert not lost, f"seed {self.seed}: held not placed, and accepted: {lost}"
        steps = Counter(known[coid].step for coid in self.venue.accepted if known[coid].role is Role.ENTRY)
        assert all(times == 1 for times in steps.values()), f"seed {self.seed}: a step was carried out twice: {steps}"
        asyncio.run(self._naked_is_told(desk))

    async def _naked_is_told(self, desk: Desk) -> None:
        """I5: a position whose fills are known has its stop at the venue, or one is on its way, or the alarm is up."""
        venue = await desk.paper.account("main")
        with desk.store.view(desk.book.name) as view:
            steps = {row.number: row for row in view.steps(self.plan.plan.id)}
            stops = [i for i in view.intents(self.plan.plan.id) if i.role is Role.STOP]
            held = view.book()
        assert held is not None
        for position in held.accounts[0].positions:
            if any(covers(stop, position) for stop in venue.stops) or venue.account.position(position.asset) is None:
                continue
            series = [i for i in stops if i.symbol == position.symbol]
            assert series, f"seed {self.seed}: {position.asset} is naked and no stop was ever meant for it"
            alive = max(series[-1].pinned_at, self.started)
            if self.clock.now() - alive >= READ_BACK_WITHIN:
                assert steps[series[-1].step].state is StepState.UNPROTECTED, f"seed {self.seed}: {position.asset} is naked"

    def _check(self, desk: Desk) -> None:
        """I3, I5, I6 at rest: the ledger is the venue's, positions are protected, steps are what was confirmed."""
        assert self.venue is not None
        asyncio.run(self.venue.deliver())
        book = desk.now()
        (account,) = book.accounts
        venue = asyncio.run(desk.paper.account(account.id))
        assert differences(account, venue.account) == (), f"seed {self.seed}"
        for position in venue.account.positions:
            stops = [s for s in venue.stops if s.symbol == position.symbol]
            assert stops, f"seed {self.seed}: {position.asset} has no stop"
            assert all(s.quantity >= position.quantity for s in stops), f"seed {self.seed}"
        intents = {intent.coid: intent for intent in desk.intents(self.plan)}
        filled: dict[int, int] = {}
        for order in desk.accepted():
            intent = intents[order.client_id]
            if intent.role is Role.ENTRY and order.status is OrderStatus.FILLED:
                filled[intent.step] = filled.get(intent.step, 0) + 1
        assert filled == dict.fromkeys(range(1, 7), 1), f"seed {self.seed}: {filled}"
