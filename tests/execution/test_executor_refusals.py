"""What the executor refuses: another price, book, plan or account than the one that was shown, a halt, a bad day."""

import asyncio
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from cockpit.execution import paper_tables
from cockpit.model.errors import CockpitError, RefusedByRule, StalePlan
from cockpit.model.journal import JournalKind
from cockpit.model.orders import StepState
from cockpit.store.rows import StaleEpoch
from tests.execution.bench import Bench, deep_market
from tests.execution.worked import PORTFOLIO, Desk

D = Decimal


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


def test_a_confirmation_that_nobody_could_send_in_time_is_not_sent_later(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where the executor's process was stopped, and goes on or is replaced long after."""
    bench.do(1)
    sent = len(bench.desk.accepted())
    bench.confirm(2)
    later = bench.desk.store.now() + timedelta(seconds=11)
    monkeypatch.setattr(bench.desk.store, "_clock", lambda: later)
    bench.cycle()
    assert bench.state(2) is StepState.STALE
    assert len(bench.desk.accepted()) == sent
    assert any("it was confirmed 11 s ago" in message for message in bench.journal(JournalKind.REFUSAL))
    bench.executor.requote(bench.id, 2)
    bench.do(2)
    assert bench.state(2) is StepState.DONE


@pytest.mark.parametrize("number", [1, 2], ids=["transfer", "order"])
def test_on_an_old_quote_nothing_is_confirmed_not_even_the_transfer_for_the_order(number: int, tmp_path: Path) -> None:
    bench = Bench(tmp_path, market=deep_market())
    bench.do(*range(1, number))
    bench.desk.market.quotes_age = timedelta(seconds=11)
    with pytest.raises(StalePlan, match=r"the quote of ETH/USDT:USDT is 11 s old, limit 10 s") as refused:
        bench.confirm(number)
    assert refused.value.rule == "quote_age_max_s"
    bench.desk.market.quotes_age = timedelta(seconds=9)
    bench.do(number)
    assert bench.state(number) is StepState.DONE
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
