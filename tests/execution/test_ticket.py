"""A ticket says what is left of the path at present prices, and its hash covers everything that it shows."""

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from cockpit.desk import Desk
from cockpit.execution.ticket import _hash, make_ticket
from cockpit.model.market import Quote
from cockpit.model.picture import Hazard, Ticket, WorstCase
from cockpit.model.plan import Action, CheckKind, Step
from cockpit.model.request import PlanRequest
from cockpit.model.strategy import Mode
from tests.desk.driving import SetClock, carry_out, desk_on, session_of

D = Decimal


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    opened = desk_on("hundred_thousand", tmp_path)
    opened.open_store()
    plan = opened.propose(PlanRequest(strategy="B", preset="reconciled")).plan
    assert plan is not None
    opened.begin(plan)
    yield opened
    opened.close()


def test_the_hash_covers_every_field(desk: Desk) -> None:
    ticket = desk.ticket(1)
    changed = {
        "plan_id": "another",
        "step": replace(ticket.step, quantity=ticket.step.quantity + D("0.01")),
        "attempt": 2,
        "of": 7,
        "revision": ticket.revision + 1,
        "before": replace(ticket.before, cash=D(1)),
        "after": replace(ticket.after, cash=D(1)),
        "free_reserve_before": D(0),
        "free_reserve_after": D(0),
        "checks": ticket.checks[1:],
        "refusals": (("halt", "halted"),),
        "worst": WorstCase(hazard=Hazard.STOP, move=D(1)),
        "path": ticket.path[1:],
        "ahead": (("funds", "step 4"),),
    }
    assert changed.keys() == set(Ticket.__struct_fields__) - {"shown_hash"}
    hashes = {_hash(replace(ticket, shown_hash="", **{name: value})) for name, value in changed.items()}
    assert ticket.shown_hash == _hash(replace(ticket, shown_hash=""))
    assert len(hashes | {ticket.shown_hash}) == len(changed) + 1


def test_the_path_that_remains_ends_where_the_plan_ends(desk: Desk) -> None:
    carry_out(desk, 1)
    ticket = desk.ticket(2)
    assert [step.number for step in ticket.path] == [3, 4, 5, 6]
    assert ticket.path[-1].after.cash == D("17482.50")
    assert ticket.ahead == ()


def test_the_rules_are_those_of_what_is_left_and_name_the_plans_own_steps(desk: Desk) -> None:
    """The free reserve is tightest at 17.48 % after the last transfer, step 5; the hedge is .25 from step 2 on."""
    carry_out(desk, 2)
    checks = {check.rule: check for check in desk.ticket(3).checks}
    reserve, guide = checks["free_reserve_min"], checks["hedge_ratio_guideline"]
    assert (reserve.passed, reserve.worst_step) == (True, 5)
    assert abs(reserve.worst - D("0.1748")) < D("0.0001")
    assert (guide.kind, guide.passed, guide.worst, guide.worst_step) == (CheckKind.SOFT, False, D("0.25"), 0)
    assert [check.rule for check in desk.ticket(3).warnings] == ["hedge_ratio_guideline"]


def test_a_step_that_lacks_its_transfer_is_refused_with_the_path_behind_it(desk: Desk) -> None:
    carry_out(desk, 2)
    desk.skip(3)
    ticket = desk.ticket(4)
    assert "funds" in {rule for rule, _ in ticket.refusals}
    assert [step.number for step in ticket.path] == [5, 6]
    assert ticket.worst_loss is not None


def test_what_would_go_wrong_later_is_said_ahead_and_does_not_refuse_this_step(desk: Desk) -> None:
    """With 15,000 USDT the first transfer leaves 9,995, the second would leave 3,738.75: below 5 % of NAV."""
    session = session_of(desk)
    row = session.active()
    assert row is not None
    book = session.book()
    account = book.account("main").with_spot("USDT", D(-20_000))
    ticket = make_ticket(
        row.plan,
        1,
        attempt=1,
        done=(),
        filled={},
        book=book.with_account(account),
        market=session._market(book, row.plan),
        universe=session._universe,
        settings=session._settings,
        refusals=(),
    )
    assert ticket.refusals == ()
    ((rule, sentence),) = ticket.ahead
    assert rule == "free_reserve_min"
    assert sentence.startswith("step 3 ")
    assert [step.number for step in ticket.path] == [2, 3, 4, 5, 6]


def test_what_a_step_is_expected_to_do_is_of_the_market_now(tmp_path: Path) -> None:
    """The mark moves within its band after planning: fill, fee and the book after are of now, limit and quantity of the plan.

    NAV after a purchase is NAV before less its fee and what it fills above mark, whatever the market did since.
    """
    clock = SetClock()
    opened = desk_on("all_stables", tmp_path, clock)
    opened.open_store()
    try:
        plan = opened.propose(PlanRequest(strategy="B", mode=Mode.SPOT)).plan
        assert plan is not None
        step = next(s for s in plan.steps if s.action is Action.BUY and not _quote(opened, s).pinned)
        opened.begin(plan)
        carry_out(opened, step.number - 1)
        while _quote(opened, step).mark == plan.market.marks[step.symbol or ""]:
            clock.advance(timedelta(seconds=1))
        ticket, quote = opened.ticket(step.number), _quote(opened, step)
        found = ticket.step
        assert (found.quantity, found.price, found.id) == (step.quantity, step.price, step.id)
        assert found.expected_price is not None
        assert found.fee is not None
        assert found.expected_price != step.expected_price
        slipped = (found.expected_price - quote.mark) * found.quantity
        assert slipped > 0
        assert abs(ticket.before.nav - ticket.after.nav - slipped - found.fee) < D("0.000001")
        assert found.notional == found.quantity * found.expected_price
    finally:
        opened.close()


def _quote(desk: Desk, step: Step) -> Quote:
    return session_of(desk)._snapshot([step.asset or ""]).quotes[step.symbol or ""]
