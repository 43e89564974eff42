"""What the executor does with orders that are filled in part, rejected, late, or never heard of again."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from cockpit.execution.broker import VenueUnclear
from cockpit.model.errors import BadInput, RefusedByRule, StalePlan
from cockpit.model.orders import OrderReport, OrderRequest, OrderStatus, StepState
from tests.execution.bench import Bench, Passing, deep_market
from tests.execution.worked import VirtualClock, check_rest

D = Decimal


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
