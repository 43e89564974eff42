"""What the executor does when a stop fails, and with what the venue does on its own: stop-outs, funding, liquidation."""

from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.execution.bookkeeping import stopped_bookmark
from cockpit.model.errors import RefusedByRule
from cockpit.model.journal import JournalKind
from cockpit.model.orders import Role, StepState
from tests.execution.bench import Bench, NoStops, deep_market
from tests.execution.worked import SETTINGS, check_rest

D = Decimal


# Stops


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
    # 12 % above the limit of 3988.
    assert any("stop at 4466.56 closed 2.5 ETH at 4490" in message for message in bench.journal(JournalKind.STOP))
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
