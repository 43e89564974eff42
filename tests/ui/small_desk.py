"""A desk that answers at once and always the same: real values, booked with the ledger, in memory."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from msgspec.structs import replace

from cockpit import proposals
from cockpit.execution.ticket import make_ticket
from cockpit.files.kept import keep_text
from cockpit.files.report_file import write_report
from cockpit.inquiries import HISTORY_DAYS, what_if
from cockpit.model.assets import Sector
from cockpit.model.book import Book
from cockpit.model.charts import PriceHistory, Series
from cockpit.model.errors import CockpitError, RefusedByRule
from cockpit.model.exposure import expose
from cockpit.model.inquiry import Dossier, FillLine, OrderLine, Shocks, WhatIf
from cockpit.model.journal import JournalKind, JournalRow
from cockpit.model.market import MarketLabel
from cockpit.model.orders import StepState
from cockpit.model.picture import ExecutionView, Picture, Progress, Stage, StepView, Ticket
from cockpit.model.plan import Cost, CostKind, Plan, Step
from cockpit.model.request import Alternatives, PlanRequest, Proposal
from cockpit.model.strategy import Strategy
from cockpit.rotation.checks import Refusal
from cockpit.rotation.resume import unwind
from cockpit.rotation.shock import risk_share
from tests.ui import sample_signals as signals
from tests.ui import worked_example as example

READY = Progress(stage=Stage.READY)
TARGETS = {Sector.L1: Decimal("0.3"), Sector.DEFI: Decimal("0.5"), Sector.STABLE: Decimal("0.2")}
BANDS = {Sector.L1: Decimal("0.05"), Sector.DEFI: Decimal("0.05")}


class SmallDesk:
    """The worked example behind the desk's interface. `confirmed`, `skipped` and `requests` record what the screens asked."""

    def __init__(self, held: Book | None = None, *, label: MarketLabel = MarketLabel.SIMULATED) -> None:
        self.held = held or example.book()
        self.market = example.market()
        self.confirmed: list[int] = []
        self.skipped: list[int] = []
        self.requests: list[PlanRequest] = []
        self.abandoned = False
        self.older_events: tuple[JournalRow, ...] = ()
        self.refuse_with: CockpitError | None = None
        self.hold_steps = False
        self.gates: dict[str, threading.Event] = {}
        self._lock = threading.RLock()
        self._callbacks: list[Callable[[Picture], None]] = []
        self._picture = Picture(
            portfolio=self.held.name,
            portfolio_path="hundred_thousand.toml",
            accounts=tuple(account.id for account in self.held.accounts),
            mode="PAPER",
            market_label=label,
            now=example.NOON,
        )

    # The picture

    @property
    def picture(self) -> Picture:
        return self._picture

    def subscribe(self, callback: Callable[[Picture], None]) -> None:
        self._callbacks.append(callback)

    def change(self, **fields: object) -> Picture:
        """Another picture, told to the subscribers."""
        with self._lock:
            self._picture = replace(self._picture, **fields)
        for callback in self._callbacks:
            callback(self._picture)
        return self._picture

    def _booked(self, **more: object) -> Picture:
        return self.change(
            book=self.held,
            revision=self.held.revision,
            exposure=expose(self.held, self.market, example.UNIVERSE),
            positions=example.position_lines(self.held, self.market),
            **more,
        )

    def _written(self, kind: JournalKind, message: str) -> None:
        rows = self._picture.journal
        row = JournalRow(
            seq=len(rows) + 1, at=self._picture.now, book=self.held.name, kind=kind, message=message, revision=self.held.revision
        )
        self.change(journal=(*rows, row))

    def open_book(self) -> Picture:
        return self._booked(book_progress=READY, market=self.market, quote_age=timedelta(seconds=2))

    def open_store(self) -> Picture:
        return self.change(store_progress=READY, journal=example.JOURNAL)

    def load_signals(self) -> Picture:
        return self.change(
            signals_progress=READY,
            call=signals.phase_call(),
            readings=signals.READINGS,
            sectors=example.SECTORS,
            triggers=signals.TRIGGERS,
            trails=signals.TRAILS,
            sector_days=signals.SECTOR_DAYS,
            notes=signals.NOTES,
            strategy="B",
            target_weights=TARGETS,
            bands=BANDS,
        )

    def tick(self) -> Picture:
        return self._picture

    # Plans

    def strategies(self) -> tuple[Strategy, ...]:
        return example.strategies()

    def propose(self, request: PlanRequest) -> Proposal:
        self.requests.append(request)
        if request.stops_only:
            strategy = next((known for known in self.strategies() if known.id == self._picture.strategy), None)
            rules = example.UNIVERSE, example.SETTINGS, self._picture.now
            return proposals.stops(strategy, "B", self.held, self.market, *rules)
        gate = self.gates.get(request.strategy)
        if gate is not None:
            gate.wait(10)
        if request.preset == "literal":
            return Proposal(
                request=request,
                strategy="B",
                rule="free_reserve_min",
                sentence="The target ends with a free reserve of 4.97 % of NAV, the limit is 5 %: 30 USDT short.",
            )
        if request.strategy == "C":
            plan = example.reconciled_plan(self.held, self.market)
            return Proposal(request=request, strategy="C", plan=replace(plan, steps=(), end=plan.start))
        plan = example.reconciled_plan(self.held, self.market)
        if request.strategy == "A":
            plan = replace(plan, plan=replace(plan.plan, strategy="A", id="aaaaaaaa"))
        return Proposal(request=request, strategy=plan.plan.strategy, plan=plan)

    def export(self, plan: Plan, directory: Path) -> Path:
        path = next(p for n in range(1, 100) if not (p := directory / f"plan-{plan.plan.strategy}-{n}.toml").exists())
        path.write_text(f"schema = 1\n# {plan.plan.id}\n", encoding="utf-8")
        return path

    # What a screen asks beside the picture

    def series(self, indicator: str, subject: str, days: int) -> Series:
        return signals.series(indicator, subject, days)

    def price_history(self, asset: str, days: int) -> PriceHistory:
        return signals.price_history(asset, days)

    def dossier(self, asset: str) -> Dossier:
        done = [view for view in self._views() if view.step.asset == asset and view.filled]
        risk = risk_share(asset, self.held, self.market, example.UNIVERSE, example.LIMITS, example.FEES)
        return Dossier(
            asset=asset,
            history=self.price_history(asset, HISTORY_DAYS),
            orders=tuple(order for view in reversed(done) for order in self._orders(view)),
            fills=tuple(map(self._fill, reversed(done))),
            risk=risk,
        )

    def _views(self) -> tuple[StepView, ...]:
        execution = self._picture.execution
        return execution.steps if execution is not None else ()

    def _orders(self, view: StepView) -> tuple[OrderLine, ...]:
        """The order of a step, and its stop, newest first."""
        assert self._picture.execution is not None
        entry = OrderLine(
            at=self._picture.now,
            account=view.step.account,
            symbol=view.step.symbol or "",
            plan_id=self._picture.execution.plan.plan.id,
            step=view.step.number,
            action=view.step.action.value,
            state=StepState.FILLED.value,
            quantity=view.step.quantity,
            price=view.step.price,
            filled=view.filled,
            protective=False,
        )
        if view.step.stop_price is None:
            return (entry,)
        resting = {"action": "stop", "state": StepState.PROTECTED.value, "filled": Decimal(0), "protective": True}
        return replace(entry, price=view.step.stop_price, **resting), entry

    def _fill(self, view: StepView) -> FillLine:
        assert view.average_price is not None
        return FillLine(
            at=self._picture.now,
            account=view.step.account,
            symbol=view.step.symbol or "",
            side="buy" if view.step.action.buys else "sell",
            quantity=view.filled,
            price=view.average_price,
            fee=view.fee,
        )

    def what_if(self, shocks: Shocks, plan: Plan | None, others: Sequence[Shocks] = ()) -> WhatIf:
        market, universe = self.market, example.UNIVERSE
        begun = self._picture.execution
        return what_if(shocks, plan, begun, self.held, lambda _: market, universe, example.SETTINGS, others)

    def journal(self, after: int = 0) -> tuple[JournalRow, ...]:
        return tuple(row for row in (*self.older_events, *self._picture.journal) if row.seq > after)

    def report(self, plan: Plan, directory: Path) -> Path:
        strategy = next((known for known in self.strategies() if known.id == plan.plan.strategy), None)
        label = self._picture.market_label
        return write_report(plan, directory, mode=self._picture.mode, market=label, strategy=strategy, ticks={})

    def export_journal(self, rows: Sequence[JournalRow], form: str, directory: Path) -> Path:
        return keep_text(f"journal.{form}", "".join(f"{row.seq},{row.message}\n" for row in rows), directory)

    def keep(self, name: str, text: str, directory: Path) -> Path:
        return keep_text(name, text, directory)

    # Execution

    def begin(self, plan: Plan) -> Picture:
        steps = tuple(
            StepView(step=step, state=StepState.PREVIEWED, filled=Decimal(0), average_price=None, fee=Decimal(0))
            for step in plan.steps
        )
        return self.change(execution=ExecutionView(plan=plan, steps=steps, current=1), abandoned=None)

    def _step(self, number: int) -> Step:
        assert self._picture.execution is not None
        return self._picture.execution.steps[number - 1].step

    def ticket(self, number: int) -> Ticket:
        execution = self._picture.execution
        assert execution is not None
        return make_ticket(
            execution.plan,
            number,
            attempt=1,
            done={view.step.number for view in execution.steps if view.state.over},
            filled={view.step.number: view.filled for view in execution.steps},
            book=self.held,
            market=self.market,
            universe=example.UNIVERSE,
            settings=example.SETTINGS,
            refusals=[Refusal("executor", self._picture.unheard)] if self._picture.unheard else (),
        )

    def confirm(self, ticket: Ticket) -> None:
        if self.refuse_with is not None:
            raise self.refuse_with
        if self._picture.halted:
            raise RefusedByRule("halted", "The cockpit is halted: H resumes.")
        self.confirmed.append(ticket.step.number)
        self._set(ticket.step.number, StepState.CONFIRMED)
        if not self.hold_steps:
            self.fill(ticket.step.number)

    def fill(self, number: int) -> None:
        """The executor's part: book the step and go on to the next."""
        step = self._step(number)
        self.held = example.booked(self.held, step)
        self._booked()
        self._written(JournalKind.FILL, f"Step {number} filled")
        self._set(number, StepState.DONE, filled=step.quantity, average_price=step.price, fee=step.fee or Decimal(0))

    def skip(self, number: int, plan: str = "") -> None:
        self.skipped.append(number)
        self._set(number, StepState.SKIPPED)

    def _set(self, number: int, state: StepState, **fields: object) -> None:
        execution = self._picture.execution
        assert execution is not None
        steps = tuple(replace(v, state=state, **fields) if v.step.number == number else v for v in execution.steps)
        left = next((view.step.number for view in steps if not view.state.final), None)
        self.change(execution=replace(execution, steps=steps, current=left, finished=left is None))

    def requote(self, number: int) -> Ticket:
        self.refuse_with = None
        return self.ticket(number)

    def alternatives(self) -> Alternatives:
        plan = example.reconciled_plan(example.book(), self.market, plan_id="unwind")
        rest = replace(plan, costs=(Cost(kind=CostKind.FEE, amount=Decimal("12.5"), note=""),))
        return Alternatives(
            go_on=Proposal(request=PlanRequest(), strategy="B", plan=rest),
            unwind=Proposal(request=PlanRequest(), strategy="unwind", plan=replace(plan, steps=plan.steps[:2])),
            freeze=Proposal(
                request=PlanRequest(),
                strategy="freeze",
                rule="free_reserve_min",
                sentence="the free reserve would fall to 4 % of NAV",
            ),
        )

    def undo(self) -> Proposal:
        execution = self._picture.execution or self._picture.abandoned
        if execution is None:
            raise CockpitError("there is no plan to undo: nothing was begun")
        back = unwind(execution.plan, self.held, self.market, example.UNIVERSE, example.SETTINGS, self._picture.now)
        return Proposal(request=PlanRequest(), strategy=back.plan.strategy, plan=back)

    def abandon(self, plan: str = "") -> Picture:
        execution, self.abandoned = self._picture.execution, True
        ended = None if execution is None else replace(execution, current=None, finished=True)
        return self.change(execution=None, abandoned=ended)

    def halt(self) -> Picture:
        return self.change(halted=True, trading_state="HALTED")

    def resume(self) -> Picture:
        return self.change(halted=False, trading_state="ACTIVE")

    def leaving(self, reason: str, since: datetime | None = None) -> None:
        self._written(JournalKind.CLOSED, f"the cockpit ended: {reason}")

    def hurry(self) -> None:
        """Nobody waits."""

    def close(self) -> None:
        self._callbacks.clear()
