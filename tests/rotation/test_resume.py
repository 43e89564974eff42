"""A plan that was begun: what changed under it is named with before and after, and each way to stop leaves a sound book."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cockpit.model.assets import Sector
from cockpit.model.book import Book
from cockpit.model.plan import Action, CheckKind, Plan, Step
from cockpit.model.request import PlanRequest
from cockpit.rotation.identity import fingerprint, identified, plan_id, verify_id
from cockpit.rotation.planner import plan
from cockpit.rotation.resume import compare, freeze, recheck, unwind
from tests.rotation.evaluate import applied, standing
from tests.rotation.generated import World
from tests.rotation.generated import worlds as random_worlds
from tests.rotation.test_plan_properties import BOOK_LIMITS, FEWER, NUDGE, not_worse, partly, planned, prefixes
from tests.rotation.worlds import NOW, PRICES, D, hundred_thousand, make, pinned, settings, state_of, strategy, universe

START = hundred_thousand()
MADE = make(START, preset="reconciled")
WORLD = World(START, pinned(), "B", PlanRequest(preset="reconciled"))
BOOKS = prefixes(WORLD, MADE)
RULES = settings()


def changes(book: Book = START, **market: str) -> tuple[str, ...]:
    """What changed for the worked example, with other prices by asset."""
    return compare(MADE, book, pinned({**PRICES, **market}), RULES.limits, NOW)


def test_a_plan_that_still_fits_has_no_changes() -> None:
    assert changes() == ()
    assert changes(replace(START, revision=7)) == ()


def test_a_changed_price_is_named_with_before_and_after() -> None:
    assert changes(ETH="4012") == ()
    assert changes(ETH="4040") == ("price ETH/USDT:USDT 4000 → 4040 (1 %, band 30 bps)",)
    assert changes(SOL="1") == ()


def test_changed_holdings_positions_and_stops_are_named() -> None:
    assert changes(BOOKS[1]) == (
        "main futures wallet 0 → 5005",
        "main holding USDT 35000 → 29995",
    )
    assert "main position ETH/USDT:USDT 0 → -2.5" in changes(BOOKS[2])
    assert "main stop ETH/USDT:USDT 0 → 4480" in changes(BOOKS[2])


def test_changed_rules_and_funding_are_named() -> None:
    stricter = replace(RULES.limits, free_reserve_min=D("0.10"))
    assert compare(MADE, START, pinned(), stricter, NOW) == ("rule free_reserve_min 0.05 → 0.1",)
    dear = compare(MADE, START, pinned(funding="0.0005"), RULES.limits, NOW)
    assert dear[1] == "funding ETH/USDT:USDT 0.01 % → 0.05 % per 8 hours"
    assert len(dear) == 3


def test_only_moving_prices_make_a_plan_old() -> None:
    later = NOW + timedelta(seconds=90)
    assert compare(MADE, START, pinned(), RULES.limits, later) == ()
    market = pinned()
    moving = {symbol: replace(quote, pinned=False) for symbol, quote in market.quotes.items()}
    assert compare(MADE, START, replace(market, quotes=moving), RULES.limits, later) == ("plan age 90 s, limit 60 s",)


def test_with_steps_done_only_what_remains_is_compared() -> None:
    market = pinned({**PRICES, "ETH": "4100"})
    assert compare(MADE, BOOKS[2], market, RULES.limits, NOW, done={1, 2}) == ()
    assert compare(MADE, BOOKS[0], market, RULES.limits, NOW, done={1}) != ()


def test_remaining_steps_come_to_the_same_end_when_nothing_changed() -> None:
    found = recheck(MADE, {1, 2}, BOOKS[2], pinned(), universe(), RULES, NOW)
    assert found.refusals == ()
    assert [step.id for step in found.steps] == [step.id for step in MADE.steps[2:]]
    assert found.steps == MADE.steps[2:]
    assert all(check.passed for check in found.checks if check.kind is CheckKind.HARD)


def test_remaining_steps_are_quoted_anew() -> None:
    found = recheck(MADE, {1, 2, 3}, BOOKS[3], pinned({**PRICES, "AAVE": "249"}), universe(), RULES, NOW)
    first = found.steps[0]
    assert (first.number, first.quantity, first.price, first.stop_price) == (4, D(50), D(249), D("211.65"))


def test_a_remaining_step_without_its_money_is_a_refusal_that_names_it() -> None:
    skipped_transfer = recheck(MADE, {1, 2, 3}, BOOKS[2], pinned(), universe(), RULES, NOW)
    assert skipped_transfer.steps == ()
    assert skipped_transfer.refusals[0].rule == "funds"
    assert skipped_transfer.refusals[0].message.startswith("step 4 (BUY LONG AAVE)")


def test_a_remaining_step_that_breaks_a_rule_now_is_a_refusal() -> None:
    strict = replace(RULES, limits=replace(RULES.limits, gross_notional_max=D("0.2")))
    found = recheck(MADE, {1, 2}, BOOKS[2], pinned(), universe(), strict, NOW)
    assert [step.number for step in found.steps] == [3]
    assert found.refusals[0].rule == "gross_notional_max"


@pytest.mark.parametrize("done", range(7))
def test_unwinding_the_worked_example_returns_to_its_start_less_the_fees(done: int) -> None:
    back = unwind(MADE, BOOKS[done], pinned(), universe(), RULES, NOW)
    end = back.end
    assert verify_id(back)
    assert (back.plan.preset, back.skipped) == ("unwind", ())
    assert end.sectors[Sector.L1].net == 40000
    assert end.sectors[Sector.DEFI].net == 25000
    assert end.gross_futures_notional == 0
    fees = sum((step.fee or D(0) for step in (*MADE.steps[:done], *back.steps)), D(0))
    assert end.nav == 100000 - fees
    # Idle collateral below dust (a quarter of a percent of NAV) stays where it is.
    assert end.cash >= 35000 - fees - 250


def test_freezing_completes_the_hedge_and_opens_no_long() -> None:
    kept = freeze(MADE, set(), START, pinned(), universe(), RULES, NOW)
    assert [(s.action, s.asset) for s in kept.steps] == [(Action.TRANSFER, None), (Action.OPEN_SHORT, "ETH")]
    assert {row.asset for row in kept.skipped} == {"AAVE", "UNI"}
    assert kept.plan.preset == "freeze"
    assert freeze(MADE, {1, 2}, BOOKS[2], pinned(), universe(), RULES, NOW).steps == ()


def applied_all(made: Plan, start: Book, world: World) -> Book:
    """The book at the end of a plan, through the ledger alone."""
    return prefixes(World(start, world.market, world.strategy, world.request), made)[-1]


@FEWER
@given(world=random_worlds(), part=st.integers(0, 12), half=st.booleans())
def test_both_ways_to_stop_keep_the_rules_wherever_the_plan_stands(world: World, part: int, half: bool) -> None:
    made = planned(world)
    if made is None:
        return
    books = prefixes(world, made)
    done = min(part, len(made.steps))
    book = books[done]
    if half and done < len(made.steps) and made.steps[done].action.trades:
        book = partly(book, made.steps[done], world, D("0.5")) or book
    rules = settings()
    numbers = set(range(1, done + 1))
    for stop in (
        unwind(made, book, world.market, universe(), rules, NOW),
        freeze(made, numbers, book, world.market, universe(), rules, NOW),
    ):
        before = standing(book, world.market)
        for index, after in enumerate(prefixes(World(book, world.market, "A", world.request), stop)[1:]):
            now = standing(after, world.market)
            not_worse(before, now, f"{stop.plan.preset} step {index + 1}")
            before = now
    kept = freeze(made, numbers, book, world.market, universe(), rules, NOW)
    held, start = standing(applied_all(kept, book, world), world.market), standing(book, world.market)
    for sector in (Sector.L1, Sector.DEFI):
        assert abs(held.nets[sector]) <= abs(start.nets[sector]) + NUDGE


def test_an_edited_plan_no_longer_has_its_id() -> None:
    assert verify_id(MADE)
    edited = replace(MADE, steps=(replace(MADE.steps[0], quantity=D(5006)), *MADE.steps[1:]))
    assert not verify_id(edited)
    assert verify_id(identified(edited))
    assert not verify_id(replace(MADE, steps=(replace(MADE.steps[0], id="other"), *MADE.steps[1:])))


def test_the_id_does_not_depend_on_how_a_number_is_written() -> None:
    longer = replace(
        MADE,
        steps=tuple(
            replace(step, quantity=Decimal(f"{step.quantity:f}00") if "." in f"{step.quantity:f}" else step.quantity)
            for step in MADE.steps
        ),
    )
    assert plan_id(longer) == plan_id(MADE)


def test_planning_twice_gives_the_same_plan() -> None:
    again = plan(START, pinned(), universe(), strategy("B"), RULES, PlanRequest(preset="reconciled"), NOW)
    assert again == MADE


def test_the_fingerprint_sees_holdings_and_not_the_revision() -> None:
    assert fingerprint(START) == fingerprint(replace(START, revision=9, name="other"))
    assert len({fingerprint(book) for book in BOOKS}) == len(BOOKS)
    assert state_of(BOOKS[-1], pinned()) == MADE.end
    assert set(BOOK_LIMITS)


def at_its_limit(step: Step) -> Step:
    """The step filled at the worst price that its order allows."""
    assert step.price is not None
    assert step.expected_price is not None
    assert step.fee is not None
    return replace(step, expected_price=step.price, fee=step.fee * step.price / step.expected_price)


@FEWER
@given(world=random_worlds())
def test_what_a_reducing_order_sets_free_covers_what_follows_at_its_worst_fill(world: World) -> None:
    made = planned(world)
    if made is None:
        return
    ways = [(world.book, made)]
    end = prefixes(world, made)[-1]
    ways.append((end, unwind(made, end, world.market, universe(), settings(), NOW)))
    for book, way in ways:
        for step in way.steps:
            filled = at_its_limit(step) if step.action.reduces else step
            book = book.with_account(applied(book.account(step.account), filled))
