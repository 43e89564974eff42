"""A plan's end in numbers: planned, due for what was done, paid, left, and the way back."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from cockpit.model.assets import Sector
from cockpit.model.orders import StepState
from cockpit.model.picture import ExecutionView, Picture, StepView
from cockpit.model.plan import Plan, PlanMarket
from cockpit.ui.blocks.summary import Spent, slippage_of, summary
from cockpit.ui.glossary import meaning
from cockpit.ui.lines import Line, text_of, width_of
from tests.ui import worked_example as example
from tests.ui.small_desk import SmallDesk

D = Decimal
MARKS = {"ETH/USDT:USDT": D(4000), "AAVE/USDT:USDT": D(250), "UNI/USDT:USDT": D(10)}


def plan() -> Plan:
    """The worked plan with the marks that it was made on, and 2 USDT of slippage expected on the ETH short."""
    made = example.reconciled_plan(example.book(), example.market())
    steps = tuple(replace(s, expected_price=D("3999.2")) if s.asset == "ETH" else s for s in made.steps)
    return replace(made, steps=steps, market=PlanMarket(source="test", as_of=example.NOON, marks=MARKS))


def untouched(made: Plan) -> list[StepView]:
    zero = D(0)
    return [StepView(step=s, state=StepState.PREVIEWED, filled=zero, average_price=None, fee=zero) for s in made.steps]


def ended() -> ExecutionView:
    """The short filled dearer, the AAVE long in part and cancelled, the last transfer skipped, the UNI long never sent."""
    made = plan()
    views = untouched(made)
    for index, filled, price, fee in ((0, "5005", None, "0"), (1, "2.5", "3998", "4.9975"), (2, "6256.25", None, "0")):
        average = None if price is None else D(price)
        views[index] = replace(views[index], state=StepState.DONE, filled=D(filled), average_price=average, fee=D(fee))
    views[3] = replace(
        views[3],
        state=StepState.CANCELLED,
        filled=D(20),
        average_price=D("250.1"),
        fee=D("2.501"),
        message="20 of 50 done: no more at its limit",
    )
    views[4] = replace(views[4], state=StepState.SKIPPED, message="skipped by the trader")
    return ExecutionView(plan=made, steps=tuple(views), current=6, funding=D("-1.25"))


def picture(**more: object) -> Picture:
    desk = SmallDesk()
    desk.open_book()
    return replace(desk.picture, **more)


def lines(execution: ExecutionView, width: int = 118, **more: object) -> list[Line]:
    return summary(execution, picture(**more), width)


def words(execution: ExecutionView, width: int = 118, **more: object) -> str:
    return " ".join(" ".join(text_of(row) for row in lines(execution, width, **more)).split())


def test_slippage_is_paid_by_a_sale_below_mark_and_by_a_purchase_above() -> None:
    """2.5 ETH sold at 3,998 with mark at 4,000 cost 5; 20 AAVE bought at 250.10 with mark at 250 cost 2."""
    execution = ended()
    assert slippage_of(execution.steps[1], execution.plan) == 5
    assert slippage_of(execution.steps[3], execution.plan) == 2
    assert slippage_of(execution.steps[0], execution.plan) is None


def test_what_was_done_is_compared_with_its_own_part_of_the_plan() -> None:
    """Fees: 5 for the short, 6.25 for each long; 20 of 50 AAVE are due 2.50. Expected slippage: 2.5 × 0.80 on the short alone."""
    spent = Spent(ended())
    assert (spent.fee_planned, spent.fee_due, spent.fee_paid) == (D("17.5"), D("7.5"), D("7.4985"))
    assert (spent.slippage_planned, spent.slippage_due, spent.slippage_paid) == (D(2), D(2), D(7))


def test_a_plan_that_went_as_planned_is_due_and_paid_alike() -> None:
    desk = SmallDesk()
    desk.open_book()
    desk.begin(example.reconciled_plan(desk.held, desk.market))
    for number in range(1, 7):
        desk.confirm(desk.ticket(number))
    assert desk.picture.execution is not None
    spent = Spent(desk.picture.execution)
    assert spent.fee_planned == spent.fee_due == spent.fee_paid == D("17.5")
    text = " ".join(" ".join(text_of(row) for row in summary(desk.picture.execution, desk.picture, 118)).split())
    for said in ("✓ Finished", "steps done 6 of 6", "NAV when planned 100,000.00 now 99,982.50", "L1 30.0 % of 30.0 %"):
        assert said in text, said


@pytest.mark.parametrize("width", [77, 118, 196])
def test_it_says_what_was_done_paid_and_left(width: int) -> None:
    execution = ended()
    text = words(execution, width, abandoned=execution)
    for said in (
        "– Stopped where it stood",
        "steps done 3 of 6",
        "skipped 1",
        "not done 2",
        "3,998.00 −5.00 −5.00",
        "fees −17.50 −7.50 −7.50",
        "slippage −2.00 −2.00 −7.00",
        "funding −4.50 a day −1.25",
        "✗ step 4 cancelled, 30 AAVE unfilled: ▲ BUY LONG 50 AAVE perpetual at 250.00: 20 of 50 done: no more at its limit",
        "– step 5 skipped",
        "· step 6 not done",
        "L1 40.0 % of 30.0 % away +10.0 %",
        "u prices the way back.",
        "nothing is sent without them",
    ):
        assert said in text, said


def test_a_blocked_plan_says_what_blocks_it_and_the_way_out() -> None:
    execution = replace(ended(), blocked="step 4 is UNKNOWN: the venue is being asked")
    text = words(execution, 77)
    assert "✗ Blocked: Strategy B" in text
    assert "step 4 is UNKNOWN" in text
    assert "x shows the ways to stop here" in text
    assert "u prices" not in text


def test_a_plan_of_which_nothing_was_done_has_nothing_to_undo() -> None:
    made = plan()
    execution = ExecutionView(plan=made, steps=tuple(untouched(made)), current=None, finished=True)
    assert "Nothing was done: there is nothing to undo." in words(execution, abandoned=execution)


@pytest.mark.parametrize("width", [77, 118, 196])
def test_no_line_is_cut_and_every_figure_is_explained(width: int) -> None:
    rows = lines(ended(), width)
    assert max(map(width_of, rows)) <= width
    abouts = {span.about for row in rows for span in row if span.about}
    assert abouts
    assert {about for about in abouts if meaning(about) is None} == set()


def test_a_band_is_told_only_where_it_is_that_of_the_plans_own_target() -> None:
    """The picture's bands belong to the phase's strategy; a plan of another one asks for other weights with other bands."""
    execution = ended()
    target = execution.plan.target
    asked = {Sector.L1: target.L1, Sector.DEFI: target.DEFI, Sector.STABLE: target.STABLE}
    bands = {Sector.L1: D("0.05"), Sector.DEFI: D("0.05")}
    assert words(execution, target_weights=asked, bands=bands).count("its band") == 2
    others = asked | {Sector.DEFI: target.DEFI + D("0.1")}
    assert words(execution, target_weights=others, bands=bands).count("its band") == 1


def two_rounds() -> ExecutionView:
    """The first plan with its short done and its AAVE long in part; the 30 AAVE that were left, done by another at 252."""
    first = ended()
    step = replace(first.plan.steps[3], number=1, quantity=D(30), fee=D("3.78"), expected_price=D(252))
    marks = MARKS | {"AAVE/USDT:USDT": D("251.9")}
    made = replace(first.plan, steps=(step,), market=replace(first.plan.market, marks=marks))
    done = StepView(step=step, state=StepState.DONE, filled=D(30), average_price=D(252), fee=D("3.78"))
    return ExecutionView(plan=made, steps=(done,), current=None, finished=True, before=(first,), funding=D("-2.5"))


def test_a_rotation_of_two_plans_counts_what_both_did_against_what_the_first_planned() -> None:
    """Fees: 7.4985 paid in the first, 3.78 in the second. Slippage: 5 + 2, and 30 × (252 − 251.90) = 3 against its own marks."""
    spent = Spent(two_rounds())
    assert (spent.fee_planned, spent.fee_due, spent.fee_paid) == (D("17.5"), D("11.28"), D("11.2785"))
    assert (spent.slippage_planned, spent.slippage_due, spent.slippage_paid) == (D(2), D(5), D(10))


@pytest.mark.parametrize("width", [77, 118])
def test_a_rotation_of_two_plans_is_summed_up_as_one(width: int) -> None:
    execution = two_rounds()
    text = words(execution, width)
    for said in (
        f"It is the rest of plan {execution.before[0].plan.plan.id[:8]}",
        "steps done 4 of 5 skipped 1",
        "… and the rest",
        "fees −17.50 −11.28 −11.28",
        "slippage −2.00 −5.00 −10.00",
        "funding −4.50 a day −2.50",
        "– step 5 skipped",
        "u prices the way back.",
    ):
        assert said in text, said
    assert "step 6 not done" not in text
    assert max(map(width_of, lines(execution, width))) <= width


@pytest.mark.parametrize("width", [78, 118])
def test_it_says_that_the_plan_took_the_place_of_another_in_the_middle(width: int) -> None:
    picture = SmallDesk().open_book()

    def told(old: str) -> str:
        lines = summary(replace(ended(), replaces=old), picture, width)
        return " ".join(" ".join(text_of(found) for found in lines).split())

    assert "took the place of" not in told("")
    assert "It took the place of plan 01234567 in the middle" in told("0123456789")
