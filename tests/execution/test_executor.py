"""What the executor does with confirmations, refusals, partial fills, stops that fail, and what the venue does on its own."""

import asyncio
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from cockpit.execution import paper_tables
from cockpit.execution.bookkeeping import stopped_bookmark
from cockpit.execution.broker import Broker, VenueUnclear
from cockpit.execution.executor import Executor
from cockpit.execution.intents import client_order_id
from cockpit.execution.lock import ExecutorRunning
from cockpit.execution.paper import PaperBroker
from cockpit.execution.progress import Progress
from cockpit.model.errors import BadInput, CockpitError, RefusedByRule, StalePlan
from cockpit.model.journal import JournalKind
from cockpit.model.orders import OrderReport, OrderRequest, OrderStatus, Role, StepState, StopRequest
from cockpit.model.plan import Plan
from cockpit.store.rows import PlanState, StaleEpoch
from tests.execution.scripted import ScriptedMarket
from tests.execution.worked import PORTFOLIO, SETTINGS, UNIVERSE, Desk, VirtualClock, check_done, check_rest

D = Decimal


class Bench:
    """The worked plan begun, and an executor whose cycles the test turns by hand."""

    def __init__(
        self,
        folder: Path,
        *,
        market: ScriptedMarket | None = None,
        venue: Callable[[PaperBroker], Broker] = lambda paper: paper,
        hook: Callable[[str], None] | None = None,
    ) -> None:
        self.clock = VirtualClock()
        self.told: list[Progress] = []
        self.desk = Desk(folder, market, clock=self.clock, listener=self.told.append, venue=venue, hook=hook)
        self.clock.market = self.desk.market
        self.executor = self.desk.executor
        self.plan = self.desk.plan()
        self.id = self.plan.plan.id
        self.executor.begin(self.plan)
        asyncio.run(self.executor.core.begin())
        self.cycle()

    def cycle(self, times: int = 1, seconds: float = 0.5) -> None:
        for _ in range(times):
            asyncio.run(self.executor.core.cycle())
            self.clock.advance(seconds)

    def revision(self) -> int:
        return self.desk.store.revision(self.desk.book.name)

    def confirm(self, number: int) -> None:
        self.executor.confirm(self.id, number, f"shown {number}", self.revision())

    def do(self, *numbers: int) -> None:
        """Confirm these steps, one after the other, each to its end."""
        for number in numbers:
            self.confirm(number)
            self.cycle()

    def state(self, number: int) -> StepState:
        return self.desk.states(self.plan)[number - 1]

    def journal(self, kind: JournalKind) -> list[str]:
        return [row.message for row in self.desk.store.journal(self.desk.book.name) if row.kind is kind]


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    bench = Bench(tmp_path)
    yield bench
    bench.desk.store.close()


def deep_market() -> ScriptedMarket:
    """The example's prices with an order book instead of pins."""
    return ScriptedMarket(PORTFOLIO.pinned_prices)


# Confirming


def test_the_thread_carries_the_worked_plan_out(tmp_path: Path) -> None:
    told: list[Progress] = []
    desk = Desk(tmp_path, listener=told.append)
    plan = desk.plan()
    desk.executor.begin(plan)
    desk.executor.start()
    for step in plan.steps:
        assert desk.executor.run_step(plan.plan.id, step.number).state is StepState.DONE
    check_done(desk, plan)
    done = [p.step for p in told if p.state is StepState.DONE]
    assert done == [1, 2, 3, 4, 5, 6]
    with desk.store.view(desk.book.name) as view:
        row = view.plan(plan.plan.id)
    assert row is not None
    desk.close()
    assert row.state in (PlanState.BEGUN, PlanState.DONE)


def test_the_ledger_ends_where_the_preview_said(bench: Bench) -> None:
    bench.do(1, 2, 3, 4, 5, 6)
    (account,) = bench.desk.now().accounts
    assert account.spot["USDT"] == bench.plan.end.cash
    assert account.futures_wallet == bench.plan.end.futures_wallet
    assert account.margin_used == bench.plan.end.margin_used


def test_a_confirmation_binds_the_revision_that_was_shown(bench: Bench) -> None:
    shown = bench.revision()
    bench.do(1)
    with pytest.raises(StalePlan) as refused:
        bench.executor.confirm(bench.id, 2, "shown", shown)
    assert refused.value.rule == "revision"
    assert f"revision {shown}, it is at {shown + 1}" in refused.value.changes[0]


def test_steps_go_out_in_their_order(bench: Bench) -> None:
    with pytest.raises(RefusedByRule, match="step 1 is PREVIEWED: it comes before step 2"):
        bench.confirm(2)
    bench.executor.skip(bench.id, 1)
    assert bench.state(1) is StepState.SKIPPED


def test_one_confirmation_sends_one_step_once(bench: Bench) -> None:
    bench.confirm(1)
    with pytest.raises(RefusedByRule, match="step 1 is CONFIRMED"):
        bench.confirm(1)
    bench.cycle(3)
    with pytest.raises(RefusedByRule, match="step 1 is DONE"):
        bench.confirm(1)
    assert len(bench.desk.accepted()) == 1
    assert bench.state(2) is StepState.PREVIEWED


def test_after_a_restart_a_confirmation_without_an_intent_is_asked_for_again(bench: Bench) -> None:
    bench.confirm(1)
    asyncio.run(bench.executor.core.begin())
    bench.cycle(2)
    assert bench.state(1) is StepState.PREVIEWED
    assert bench.desk.accepted() == []
    bench.do(1)
    assert bench.state(1) is StepState.DONE


def test_a_screen_of_another_process_confirms_through_the_store(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    plan = desk.plan()
    desk.executor.begin(plan)
    desk.executor.start()
    other = Desk(tmp_path)
    with pytest.raises(ExecutorRunning, match="another cockpit"):
        other.executor.start()
    assert other.executor.run_step(plan.plan.id, 1).state is StepState.DONE
    other.store.close()
    desk.close()
    again = Desk(tmp_path)
    again.executor.start()
    again.close()


# Refusing


def test_a_price_outside_of_the_band_is_named_before_and_after(tmp_path: Path) -> None:
    bench = Bench(tmp_path, market=deep_market())
    bench.do(1)
    bench.desk.market.prices["ETH"] = D("4012.5")  # 31.25 bps
    with pytest.raises(StalePlan) as refused:
        bench.confirm(2)
    assert refused.value.rule == "price_band"
    assert "was 4000, it is 4012.5" in refused.value.changes[0]
    with pytest.raises(StalePlan, match="no longer fits"):
        bench.executor.requote(bench.id, 2)
    bench.desk.market.prices["ETH"] = D(4003)
    bench.executor.requote(bench.id, 2)
    bench.do(2)
    assert bench.state(2) is StepState.DONE
    bench.desk.store.close()


def test_a_price_that_moves_between_confirmation_and_intent_is_refused_and_journalled(tmp_path: Path) -> None:
    bench = Bench(tmp_path, market=deep_market())
    bench.do(1)
    bench.confirm(2)
    bench.desk.market.prices["ETH"] = D(4020)
    bench.cycle()
    assert bench.state(2) is StepState.STALE
    assert len(bench.desk.accepted()) == 1
    assert any("was 4000, it is 4020" in message for message in bench.journal(JournalKind.REFUSAL))
    bench.desk.store.close()


def test_a_plan_ages_until_it_is_looked_at_again(tmp_path: Path) -> None:
    bench = Bench(tmp_path, market=deep_market())
    bench.do(1)
    bench.clock.advance(61)
    with pytest.raises(StalePlan, match="limit 60 s"):
        bench.confirm(2)
    bench.executor.requote(bench.id, 2)
    bench.confirm(2)
    bench.desk.store.close()


def test_a_plan_that_is_too_old_is_not_begun(tmp_path: Path) -> None:
    desk = Desk(tmp_path, deep_market())
    plan = desk.plan()
    desk.market.pass_time(seconds=61)
    with pytest.raises(StalePlan, match="61 s ago, limit 60 s"):
        desk.executor.begin(plan)
    desk.store.close()


def test_an_edited_plan_and_a_plan_of_another_book_are_not_begun(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    plan = desk.plan()
    edited = replace(plan, steps=(replace(plan.steps[0], quantity=D(9000)), *plan.steps[1:]))
    with pytest.raises(RefusedByRule, match="edited by hand"):
        desk.executor.begin(edited)
    other = Desk(tmp_path, portfolio=replace(PORTFOLIO, name="Another"))
    with pytest.raises(RefusedByRule, match="the plan is for the book"):
        other.executor.begin(plan)
    desk.store.close()
    other.store.close()


def test_a_plan_of_a_book_that_moved_on_is_not_begun(bench: Bench) -> None:
    old = bench.desk.plan()
    bench.do(1)
    stale = replace(old, plan=replace(old.plan, strategy="again"))
    with pytest.raises(CockpitError):
        bench.executor.begin(stale)
    bench.executor.stop_plan(bench.id)
    with pytest.raises(StalePlan, match="stopped"):
        bench.executor.begin(bench.plan)


def test_a_halt_blocks_new_risk_and_lets_risk_be_reduced(bench: Bench) -> None:
    bench.do(1)
    bench.executor.halt("a bad feeling")
    with pytest.raises(RefusedByRule, match="a bad feeling"):
        bench.confirm(2)
    bench.executor.resume()
    bench.do(2)
    assert bench.state(2) is StepState.DONE
    assert bench.journal(JournalKind.HALT) == ["a bad feeling"]


def test_a_halt_between_confirmation_and_intent_sends_nothing(bench: Bench) -> None:
    bench.confirm(1)
    bench.executor.halt()
    bench.cycle()
    assert bench.state(1) is StepState.DENIED
    assert bench.desk.accepted() == []


def test_a_daily_loss_leaves_only_less_risk(bench: Bench) -> None:
    bench.do(1)
    bench.desk.market.prices["ETH"] = D(3600)  # 10 ETH: 4 % of NAV
    found = bench.executor.refusals(bench.id, 2, bench.revision())
    assert any("reducing" in refusal.message.lower() for refusal in found)


def test_a_venue_that_holds_something_else_is_refused_with_both_numbers(bench: Bench) -> None:
    bench.confirm(1)
    with bench.desk.store.database.write() as db:
        state = paper_tables.load_state(db, bench.desk.book.name, "main")
        assert state is not None
        changed = replace(state, account=state.account.with_spot("USDT", D(-100)))
        paper_tables.save_state(db, bench.desk.book.name, changed)
    bench.cycle()
    assert bench.state(1) is StepState.STALE
    assert any("USDT was 35000, the venue has 34900" in message for message in bench.journal(JournalKind.REFUSAL))


def test_an_older_executor_can_write_nothing_any_more(tmp_path: Path) -> None:
    bench = Bench(tmp_path)
    usurper = Desk(tmp_path, clock=bench.clock)
    asyncio.run(usurper.executor.core.begin())
    bench.confirm(1)
    with pytest.raises(StaleEpoch):
        bench.cycle()
    assert bench.desk.accepted() == []
    bench.desk.store.close()
    usurper.store.close()


# Fills


def test_a_partial_fill_is_protected_and_its_rest_is_a_new_attempt(tmp_path: Path) -> None:
    market = deep_market()
    bench = Bench(tmp_path, market=market)
    bench.do(1)
    bench.confirm(2)
    market.depth = ((D(0), D("2.5")),)  # enough to be sent
    submit = bench.desk.paper.submit

    async def thinner(order: OrderRequest) -> OrderReport:
        market.depth = ((D(0), D("1.5")),)
        return await submit(order)

    bench.desk.paper.submit = thinner  # type: ignore[method-assign]
    bench.cycle()
    bench.desk.paper.submit = submit  # type: ignore[method-assign]
    assert bench.state(2) is StepState.CANCELLED
    status = bench.executor.status(bench.id)[1]
    assert (status.filled, status.attempt) == (D("1.5"), 2)
    check_rest(bench.desk, bench.plan)
    market.depth = ((D(0), D(100)),)
    bench.do(2)
    assert bench.state(2) is StepState.DONE
    orders = [o for o in bench.desk.accepted() if o.order is not None]
    assert [o.quantity for o in orders] == [D("2.5"), D("1.0")]
    check_rest(bench.desk, bench.plan)  # one stop, over the whole 2.5
    bench.desk.store.close()


def test_what_was_not_filled_can_be_skipped(tmp_path: Path) -> None:
    market = deep_market()
    bench = Bench(tmp_path, market=market)
    bench.do(1)
    market.depth = ()
    with pytest.raises(StalePlan, match="does not show"):
        bench.confirm(2)
    bench.executor.skip(bench.id, 2)
    assert bench.executor.current(bench.id) == 3
    bench.desk.store.close()


def test_a_rejection_is_final_until_confirmed_again(tmp_path: Path) -> None:
    class Refusing(Passing):
        async def submit(self, order: OrderRequest) -> OrderReport:
            return OrderReport(
                client_id=order.client_id,
                symbol=order.symbol,
                status=OrderStatus.REJECTED,
                quantity=order.quantity,
                filled=D(0),
                reason="the venue is closed",
            )

    bench = Bench(tmp_path, venue=Refusing)
    bench.do(1, 2)
    assert bench.state(2) is StepState.REJECTED
    bench.cycle(5)
    assert bench.executor.status(bench.id)[1].attempt == 2
    bench.do(2)
    assert [i.attempt for i in bench.desk.intents(bench.plan) if i.step == 2] == [1, 2]
    bench.desk.store.close()


def test_an_intent_that_became_old_before_it_was_sent_is_given_up(tmp_path: Path) -> None:
    slow: list[VirtualClock] = []

    def hook(name: str) -> None:
        if slow and name == "commit:after":
            slow[0].advance(3)

    bench = Bench(tmp_path, hook=hook)
    bench.confirm(1)
    slow.append(bench.clock)
    bench.cycle()
    slow.clear()
    assert bench.state(1) is StepState.NOT_PLACED
    assert bench.desk.accepted() == []
    bench.do(1)
    assert bench.state(1) is StepState.DONE
    bench.desk.store.close()


def test_a_halt_takes_back_entry_orders_that_rest_and_keeps_stops(tmp_path: Path) -> None:
    class Resting(Passing):
        async def submit(self, order: OrderRequest) -> OrderReport:
            if order.symbol.startswith("AAVE"):
                self.paper_market.prices["AAVE"] = D(251)  # out of reach: the order waits
                return await self.submit_paper(replace(order, rests=True, limit_price=D(250)))
            return await self.submit_paper(order)

    market = deep_market()
    Resting.paper_market = market
    bench = Bench(tmp_path, market=market, venue=Resting)
    bench.do(1, 2, 3, 4)
    assert bench.state(4) is StepState.OPEN
    bench.executor.halt()
    bench.cycle(2)
    assert bench.state(4) is StepState.CANCELLED
    (stop,) = asyncio.run(bench.desk.paper.account("main")).stops
    assert stop.symbol.startswith("ETH")
    check_rest(bench.desk, bench.plan)
    bench.desk.store.close()


# Unknown


def test_an_order_whose_absence_cannot_be_proven_goes_to_a_person(tmp_path: Path) -> None:
    class Silent(Passing):
        horizon = None

        async def submit(self, order: OrderRequest) -> OrderReport:
            raise VenueUnclear("no answer")

    bench = Bench(tmp_path, venue=Silent)
    bench.do(1, 2)
    assert bench.state(2) is StepState.UNKNOWN
    bench.cycle(30, seconds=3)
    assert bench.state(2) is StepState.NEEDS_HUMAN
    with pytest.raises(RefusedByRule):
        bench.confirm(2)
    with pytest.raises(BadInput):
        bench.executor.resolve_not_placed(bench.id, 1, "nothing to say")
    bench.executor.resolve_not_placed(bench.id, 2, "looked at the venue's order page")
    assert bench.state(2) is StepState.NOT_PLACED
    bench.desk.store.close()


def test_absence_is_proven_only_after_the_horizon(tmp_path: Path) -> None:
    class Slow(Passing):
        horizon = timedelta(seconds=36)

        async def submit(self, order: OrderRequest) -> OrderReport:
            raise VenueUnclear("no answer")

    bench = Bench(tmp_path, venue=Slow)
    bench.do(1, 2)
    bench.cycle(11, seconds=3)
    assert bench.state(2) is StepState.UNKNOWN
    bench.cycle(4, seconds=3)
    assert bench.state(2) is StepState.NOT_PLACED
    bench.desk.store.close()


# Stops


class Passing:
    """A venue that passes everything on to the paper venue; a test overrides what it wants to break."""

    horizon: timedelta | None = timedelta(0)
    paper_market: ScriptedMarket

    def __init__(self, paper: PaperBroker) -> None:
        self.paper = paper
        self.submit_paper = paper.submit
        self.transfer = paper.transfer
        self.cancel = paper.cancel
        self.find = paper.find
        self.account = paper.account
        self.events = paper.events
        self.refused = 0

    async def submit(self, order: OrderRequest) -> OrderReport:
        return await self.submit_paper(order)

    async def place_stop(self, stop: StopRequest) -> OrderReport:
        return await self.paper.place_stop(stop)


class NoStops(Passing):
    """Rejects the first `refuse` stops."""

    refuse = 1_000_000

    async def place_stop(self, stop: StopRequest) -> OrderReport:
        self.refused += 1
        if self.refused > self.refuse:
            return await self.paper.place_stop(stop)
        return OrderReport(
            client_id=stop.client_id,
            symbol=stop.symbol,
            status=OrderStatus.REJECTED,
            quantity=stop.quantity,
            filled=D(0),
            reason="too many stops",
        )


def test_a_rejected_stop_raises_the_alarm_and_is_tried_again(tmp_path: Path) -> None:
    class Twice(NoStops):
        refuse = 2

    bench = Bench(tmp_path, venue=Twice)
    bench.do(1, 2)
    assert bench.state(2) is StepState.UNPROTECTED
    assert [p.alarm for p in bench.told if p.state is StepState.UNPROTECTED] == [True]
    with pytest.raises(RefusedByRule):
        bench.confirm(3)
    bench.cycle(8)
    assert bench.state(2) is StepState.DONE
    check_rest(bench.desk, bench.plan)
    bench.desk.store.close()


def test_a_position_that_cannot_be_protected_is_closed_after_thirty_seconds(tmp_path: Path) -> None:
    bench = Bench(tmp_path, venue=NoStops)
    bench.do(1, 2)
    bench.cycle(28, seconds=1)
    assert bench.state(2) is StepState.UNPROTECTED
    assert bench.desk.now().accounts[0].positions != ()
    bench.cycle(6, seconds=1)
    assert bench.desk.now().accounts[0].positions == ()
    assert bench.state(2) is StepState.CANCELLED
    flattens = [i for i in bench.desk.intents(bench.plan) if i.role is Role.FLATTEN]
    assert [i.state for i in flattens] == [StepState.FILLED]
    check_rest(bench.desk, bench.plan)
    bench.desk.store.close()


def test_a_mark_through_the_trigger_closes_the_position_at_once(tmp_path: Path) -> None:
    bench = Bench(tmp_path, market=deep_market(), venue=NoStops)
    bench.do(1, 2)
    bench.desk.market.prices["ETH"] = D(4500)
    bench.cycle(3)
    assert bench.desk.now().accounts[0].positions == ()
    check_rest(bench.desk, bench.plan)
    bench.desk.store.close()


# What the venue does on its own


def test_a_stop_that_triggers_reaches_the_book_and_the_journal(tmp_path: Path) -> None:
    bench = Bench(tmp_path, market=deep_market())
    bench.do(1, 2)
    revision = bench.revision()
    bench.desk.market.prices["ETH"] = D(4490)
    bench.cycle()
    (account,) = bench.desk.now().accounts
    assert account.positions == ()
    assert bench.revision() > revision
    assert any("stop at 4480 closed 2.5 ETH at 4490" in message for message in bench.journal(JournalKind.STOP))
    with bench.desk.store.view(bench.desk.book.name) as view:
        assert view.bookmark(stopped_bookmark(account.id, "ETH")) is not None
    check_rest(bench.desk, bench.plan)
    bench.desk.store.close()


def test_after_a_stop_out_an_asset_rests_before_a_new_position_in_it(tmp_path: Path) -> None:
    bench = Bench(tmp_path, market=deep_market())
    bench.do(1)
    account = bench.desk.book.accounts[0].id
    hours = int(SETTINGS.sending.cooldown_hours)

    def stopped_out(ago: timedelta) -> list[str]:
        at = bench.desk.market.now - ago
        with bench.desk.store.begin(bench.desk.book.name) as unit:
            unit.set_bookmark(stopped_bookmark(account, "ETH"), at.isoformat())
        return [refusal.rule for refusal in bench.executor.refusals(bench.id, 2, bench.revision())]

    assert "cooldown_hours" in stopped_out(timedelta(hours=hours - 1))
    with pytest.raises(RefusedByRule, match="ETH was stopped out at"):
        bench.confirm(2)
    assert "cooldown_hours" not in stopped_out(timedelta(hours=hours + 1))
    bench.desk.store.close()


def test_funding_and_liquidation_reach_the_book(tmp_path: Path) -> None:
    bench = Bench(tmp_path, market=deep_market())
    bench.do(1, 2)
    market = bench.desk.market
    before = bench.desk.now().accounts[0].futures_wallet
    market.funding_rate = D("0.001")
    bench.clock.advance(8 * 3600)
    bench.cycle()
    assert bench.journal(JournalKind.FUNDING) == ["main: funding of 2021-08-20 08:00 UTC at 0.1 %"]
    (account,) = bench.desk.now().accounts
    assert account.futures_wallet == before + D(10)  # 10,000 short at 0.1 % receives 10
    market.prices["ETH"] = D(6100)
    bench.cycle()
    (account,) = bench.desk.now().accounts
    assert account.positions == ()
    assert account.futures_wallet == before + D(10) - D(5000)
    assert len(bench.journal(JournalKind.LIQUIDATION)) == 1
    check_rest(bench.desk, bench.plan)
    bench.desk.store.close()


def test_a_client_order_id_is_26_letters_and_digits_of_its_own(bench: Bench) -> None:
    ids = {client_order_id("store", "plan", step, attempt, role) for step in range(1, 30) for attempt in (1, 2) for role in Role}
    assert len(ids) == 29 * 2 * 3
    assert all(re.fullmatch(r"rc[a-z2-7]{24}", coid) for coid in ids)


def test_a_plan_replaces_another_in_one_go(bench: Bench) -> None:
    bench.do(1)
    fresh: Plan = bench.desk.plan()
    bench.executor.begin(fresh, replaces=bench.id)
    with bench.desk.store.view(bench.desk.book.name) as view:
        old = view.plan(bench.id)
    assert old is not None
    assert old.state is PlanState.STOPPED
    with pytest.raises(StalePlan, match="stopped"):
        bench.confirm(2)


def test_the_executor_needs_a_book(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    lost = Executor(
        desk.store,
        "no such book",
        desk.paper,
        desk.market.snapshot,
        universe=UNIVERSE,
        settings=SETTINGS,
        lock_path=tmp_path / "other.lock",
    )
    with pytest.raises(CockpitError, match="no portfolio"):
        lost.start()
    desk.store.close()
