"""A position without a stop has a way to it, whatever else is wrong with the book: planned, begun, carried out, read back."""

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from cockpit.desk import Desk
from cockpit.model.errors import BadInput, RefusedByRule
from cockpit.model.plan import Action, CheckKind, Plan
from cockpit.model.request import PlanRequest
from cockpit.model.strategy import Mode
from cockpit.rotation.identity import identified
from tests.desk.driving import SetClock, carry_out, check_at_rest, desk_on, execution_of, session_of
from tests.desk.test_odd_books import HEAD

PRICES = '[prices]\nETH = "4000"\nSOL = "200"\nUNI = "10"\nAAVE = "250"\nBTC = "60000"\n'
ONLY = PlanRequest(stops_only=True)


def account(spot: str, wallet: str, *positions: str, name: str = "main") -> str:
    return f'[[account]]\nid = "{name}"\nvenue = "paper"\nspot = {{ {spot} }}\nfutures_wallet = "{wallet}"\n' + "".join(positions)


def position(asset: str, side: str, quantity: str, entry: str, leverage: str, stop: str = "") -> str:
    sizes = f'quantity = "{quantity}"\nentry_price = "{entry}"\nleverage = "{leverage}"\n'
    rest = f'stop_price = "{stop}"\n' if stop else ""
    return f'[[account.position]]\nsymbol = "{asset}/USDT:USDT"\nside = "{side}"\n{sizes}{rest}'


NO_CASH = account('USDT = "5", ETH = "10"', "2000", position("ETH", "short", "1", "4000", "2"))
"""Nearly all of it in ETH, and a short without a stop: the overlay, which trades no spot, cannot raise the free reserve."""


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[Callable[[str], Desk]]:
    desks: list[Desk] = []

    def open_book(text: str, clock: SetClock | None = None) -> Desk:
        path = tmp_path / "odd.toml"
        path.write_text(HEAD + text + PRICES, encoding="utf-8")
        desk = desk_on(path, tmp_path, clock)
        desk.open_store()
        desks.append(desk)
        return desk

    yield open_book
    for desk in desks:
        desk.close()


def stops_of(desk: Desk) -> Plan:
    """The plan of stops alone."""
    plan = desk.propose(ONLY).plan
    assert plan is not None
    assert {step.action for step in plan.steps} <= {Action.SET_STOP, Action.ADD_MARGIN}
    return plan


def at_rest(desk: Desk) -> dict[tuple[str, str], Decimal | None]:
    """Every position's stop, once the venue shows exactly one that covers each."""
    check_at_rest(desk)
    return {(row.account, row.position.asset): row.position.stop_price for row in desk.tick().positions}


def test_a_book_that_no_rotation_can_mend_still_gets_its_stop(opened: Callable[[str], Desk]) -> None:
    desk = opened(NO_CASH)
    rotation = desk.propose(PlanRequest(strategy="B", mode=Mode.OVERLAY))
    assert rotation.plan is None or rotation.plan.broken is not None
    plan = stops_of(desk)
    failed = [check for check in plan.checks if check.kind is CheckKind.HARD and not check.passed]
    assert [check.rule for check in failed] == ["free_reserve_min"]
    assert all(check.message.endswith("broken at the start, not made worse") for check in failed)
    assert plan.broken is None
    desk.begin(plan)
    assert carry_out(desk).finished
    assert at_rest(desk) == {("main", "ETH"): 4480}


def test_a_book_of_which_nothing_rotates_gets_its_stops_too(opened: Callable[[str], Desk]) -> None:
    desk = opened(account('BTC = "1"', "600", position("BTC", "long", "0.02", "60000", "2")))
    with pytest.raises(BadInput, match="nothing to rotate"):
        desk.propose(PlanRequest(strategy="B"))
    desk.begin(stops_of(desk))
    assert carry_out(desk).finished
    assert at_rest(desk) == {("main", "BTC"): 51000}


def test_stops_may_be_set_while_the_cockpit_is_halted(opened: Callable[[str], Desk]) -> None:
    desk = opened(NO_CASH)
    desk.halt()
    desk.begin(stops_of(desk))
    assert carry_out(desk).finished
    assert at_rest(desk) == {("main", "ETH"): 4480}


def test_every_naked_position_of_every_account_gets_its_stop_and_the_protected_one_keeps_its_own(
    opened: Callable[[str], Desk],
) -> None:
    desk = opened(
        account(
            'USDT = "20000", ETH = "4"',
            "8000",
            position("ETH", "short", "1", "4000", "2"),
            position("SOL", "long", "9", "200", "2"),
        )
        + account(
            'USDT = "900"',
            "6000",
            position("UNI", "long", "300", "10", "2"),
            position("AAVE", "long", "8", "250", "2", "230"),
            position("BTC", "long", "0.02", "60000", "2"),
            name="second",
        )
    )
    plan = stops_of(desk)
    assert [step.action for step in plan.steps] == [Action.SET_STOP] * 4
    desk.begin(plan)
    assert carry_out(desk).finished
    # 12 % from the entry of an L1, 15 % of anything else, the benchmark too.
    assert at_rest(desk) == {
        ("main", "ETH"): 4480,
        ("main", "SOL"): 176,
        ("second", "UNI"): Decimal("8.5"),
        ("second", "AAVE"): 230,
        ("second", "BTC"): 51000,
    }


def test_a_stop_that_comes_too_late_is_mended_by_margin(opened: Callable[[str], Desk]) -> None:
    """At 10x a short from 4,000 is liquidated before 4,480: the free wallet's margin moves the liquidation behind it."""
    desk = opened(account('USDT = "5", ETH = "1"', "3600", position("ETH", "short", "4", "4000", "10", "4480")))
    assert [row.protected for row in desk.tick().positions] == [False]
    plan = stops_of(desk)
    assert [step.action for step in plan.steps] == [Action.ADD_MARGIN]
    desk.begin(plan)
    assert carry_out(desk).finished
    assert [row.protected for row in desk.tick().positions] == [True]
    assert at_rest(desk) == {("main", "ETH"): 4480}


def test_without_margin_the_stop_stands_nearer_and_where_that_helps_nothing_it_says_what_is_missing(
    opened: Callable[[str], Desk],
) -> None:
    """At 10x the liquidation of a short from 4,000 is near 4,382; one from 3,700 is nearly there already at 4,000."""
    desk = opened(
        account('USDT = "5", ETH = "1"', "1600", position("ETH", "short", "4", "4000", "10"))
        + account('USDT = "5"', "1480", position("ETH", "short", "4", "3700", "10"), name="second")
    )
    plan = stops_of(desk)
    assert [(step.account, step.action) for step in plan.steps] == [("main", Action.SET_STOP)]
    (left,) = plan.skipped
    assert left.asset == "ETH"
    assert "second" in left.reason
    assert "0.00 free" in left.reason
    desk.begin(plan)
    assert carry_out(desk).finished
    lines = {row.account: row for row in desk.tick().positions}
    assert lines["main"].protected
    assert lines["main"].position.stop_price is not None
    assert lines["main"].position.stop_price < 4382
    assert not lines["second"].protected


def test_stops_take_the_place_of_a_plan_in_execution_and_what_grew_stale_is_priced_anew(opened: Callable[[str], Desk]) -> None:
    desk = opened(account('USDT = "40000", ETH = "10", UNI = "1250"', "8000", position("SOL", "long", "9", "200", "2")))
    rotation = desk.propose(PlanRequest(strategy="B")).plan
    assert rotation is not None
    desk.begin(rotation)
    desk.skip(1)
    desk.begin(stops_of(desk))
    execution = execution_of(desk)
    assert execution.plan.only_protects
    again = session_of(desk).renew()
    assert again.only_protects
    assert [step.stop_price for step in again.steps] == [step.stop_price for step in execution.plan.steps]
    assert carry_out(desk).finished
    assert at_rest(desk) == {("main", "SOL"): 176}
    assert desk.propose(ONLY).empty


def test_a_plan_that_only_calls_itself_protective_is_judged_as_any_other(opened: Callable[[str], Desk]) -> None:
    """Its name is not enough: with a step that trades, a broken rule refuses it."""
    desk = opened(NO_CASH)
    plan = stops_of(desk)
    sale = replace(plan.steps[0], number=2, action=Action.SELL, symbol="ETH/USDT", stop_price=None)
    forged = identified(replace(plan, steps=(*plan.steps, sale)))
    assert forged.broken is not None
    with pytest.raises(RefusedByRule, match="free reserve"):
        desk.begin(forged)
    unnamed = identified(replace(plan, plan=replace(plan.plan, preset=None)))
    with pytest.raises(RefusedByRule, match="free reserve"):
        desk.begin(unnamed)
