"""The rotation pane: what is asked for, the preview that follows, and two plans side by side."""

import threading
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cockpit.model.assets import Sector
from cockpit.model.errors import BadInput
from cockpit.model.format import NO_SPOT
from cockpit.model.money import ZERO
from cockpit.model.plan import WITHIN_BAND, CheckKind, Plan, Skipped
from cockpit.model.request import PlanRequest, Proposal
from cockpit.model.strategy import Mode
from cockpit.ui.blocks import choices, path, sector_bars
from cockpit.ui.blocks.compare import BETTER, Contender, compare
from cockpit.ui.blocks.preview import preview, progress
from cockpit.ui.figures import figures_of
from cockpit.ui.glossary import meaning
from cockpit.ui.lines import Line, text_of, width_of
from cockpit.ui.panes.rotation import RotationView
from cockpit.ui.widgets.field import FieldRow
from tests.ui import worked_example as example
from tests.ui.driving import NARROW, cockpit, press, quiet, screen_text
from tests.ui.small_desk import SmallDesk

D = Decimal
WIDTHS = (77, 116, 196)


def plan() -> Plan:
    """The reconciled reading of the 100,000 example."""
    return example.reconciled_plan(example.book(), example.market())


def proposal(made: Plan) -> Proposal:
    return Proposal(request=PlanRequest(), strategy=made.plan.strategy, plan=made)


def text(lines: list[Line]) -> str:
    return "\n".join(map(text_of, lines))


def row_of(lines: list[Line], start: str) -> str:
    return next(told for told in map(text_of, lines) if told.startswith(start))


# What is asked for


@pytest.fixture
def desk() -> SmallDesk:
    made = SmallDesk()
    made.open_book()
    made.open_store()
    made.load_signals()
    return made


def test_what_differs_from_the_strategys_own_is_marked_by_a_sign(desk: SmallDesk) -> None:
    known, request = choices.Choices(desk.strategies()), PlanRequest(leverage=D("1.5"), mode=Mode.SPOT)
    own = known.own(request, desk.picture, example.LIMITS)
    shown = text(choices.choice_lines(request, known.strategy(request, desk.picture), own, "", desk.picture, 116))
    assert "l leverage *1.5x (own: 2x)" in shown
    assert "m mode *spot (own: overlay)" in shown
    assert shown.count("*") == 2
    assert choices.differs(request, own)


def test_a_value_typed_as_the_strategy_has_it_is_not_marked(desk: SmallDesk) -> None:
    known, request = choices.Choices(desk.strategies()), PlanRequest(leverage=D("2.0"))
    own = known.own(request, desk.picture, example.LIMITS)
    assert "*" not in text(choices.choice_lines(request, None, own, "", desk.picture, 116))
    assert not choices.differs(request, own)


def test_a_strategy_that_the_phase_does_not_ask_for_says_so(desk: SmallDesk) -> None:
    known, request = choices.Choices(desk.strategies()), PlanRequest(strategy="A")
    own = known.own(request, desk.picture, None)
    shown = text(choices.choice_lines(request, known.strategy(request, desk.picture), own, "", desk.picture, 116))
    assert "s strategy *A Infrastructure First (the phase asks for B)" in shown


def test_a_plan_is_compared_with_each_other_way_and_each_other_strategy(desk: SmallDesk) -> None:
    known = choices.Choices(desk.strategies())
    assert list(known.contenders(PlanRequest(), desk.picture)) == ["by spot", "by blend", "strategy A", "strategy C"]
    assert list(known.contenders(PlanRequest(mode=Mode.SPOT), desk.picture))[:2] == ["by overlay", "by blend"]


@given(st.lists(st.sampled_from((-1, 1)), max_size=12), st.sampled_from(("hedge", "leverage", "tranche")))
def test_stepping_stays_within_what_can_be_asked_for(steps: list[int], field: str) -> None:
    request = PlanRequest()
    own = choices.Own(Mode.OVERLAY, None, D(2), ())
    for by in steps:
        request = choices.stepped_request(request, field, by, own, example.LIMITS)
        told = choices.field_text(request, field, own)
        assert choices.typed_request(request, field, told, {}) == replace(
            request, leverage=request.leverage or (D(2) if field == "leverage" else None)
        )
    assert request.leverage is None or 1 <= request.leverage <= example.LIMITS.leverage_max
    assert request.hedge_ratio is None or 0 <= request.hedge_ratio <= 1
    assert 0 < request.tranche <= 1


# Bars, path, rules


def test_a_short_stands_left_of_the_axis_and_a_long_after_the_spot() -> None:
    """40,000 spot less 10,000 short, 25,000 spot and 25,000 long, of 100,000: 40 and 10, 25 and 25 cells of a hundred."""
    scale = sector_bars.Scale(D(100), 10, 50)
    assert sector_bars.bar(sector_bars.Parts(D("0.4"), D("-0.1")), scale).rstrip() == "░" * 10 + "│" + "▇" * 40
    assert sector_bars.bar(sector_bars.Parts(D("0.25"), D("0.25")), scale) == " " * 10 + "│" + "▇" * 25 + "░" * 25


SHARES = st.decimals(0, 2, places=4, allow_nan=False)
PERPS = st.decimals(-2, 2, places=4, allow_nan=False)


@given(st.lists(st.tuples(SHARES, PERPS), min_size=1, max_size=6), st.integers(8, 32))
def test_bars_have_one_width_and_nothing_that_is_there_vanishes(shares: list[tuple[Decimal, Decimal]], width: int) -> None:
    parts = [sector_bars.Parts(*share) for share in shares]
    scale = sector_bars.scale_of(parts, width)
    drawn = [sector_bars.bar(part, scale) for part in parts]
    assert {len(told) for told in drawn} == {width}
    for part, told in zip(parts, drawn, strict=True):
        assert ("▇" in told) == (part.spot > 0)
        assert part.perp >= 0 or "░│" in told
        assert part.perp <= 0 or "░" in told.rpartition("│")[2]


def test_the_sectors_are_told_apart_by_glyph_and_net_stands_as_a_number() -> None:
    shown = sector_bars.sector_bars(plan(), 116)
    assert "shorts left of │" in text_of(shown[0])
    l1 = row_of(shown, "L1")
    assert l1.split()[1] == "40.0"
    assert "30.0" in l1
    assert l1.endswith("40,000  −10,000")
    assert "░│▇" in l1


def test_the_tightest_step_of_the_path_is_marked_and_told_with_its_rule() -> None:
    """The hedge ratio of 0.25 against 1.00 leaves 75 %, futures capital of 17.5 % against 50 % leaves 65 %, after step 6."""
    shown = path.path(plan(), 116)
    assert row_of(shown, "◂6").split()[1:4] == ["▲", "LONG", "1,250"]
    told = text(path.worst_prefix(plan(), 116))
    assert told == "◂ tightest after step 6: futures capital 17.5 %   limit at most 50.0 %   headroom 65 %"


def test_the_course_has_a_bar_for_every_state() -> None:
    shown = text(path.course(plan(), 77))
    assert "35.0 % → 17.5 %, least 17.5 %" in shown
    assert "49.4 % → 49.4 %" in shown
    assert path.course(replace(plan(), steps=()), 77) == []


def test_a_refusal_and_a_warning_speak_with_the_screens_minus() -> None:
    refused = Proposal(request=PlanRequest(), strategy="B", rule="free_reserve_min", sentence="leaves -5.06 % of NAV")
    assert "leaves −5.06 % of NAV" in text(preview(refused, 77))


@pytest.mark.parametrize("width", WIDTHS)
def test_every_block_fits_its_width_and_explains_every_figure(width: int, desk: SmallDesk) -> None:
    made = plan()
    refused = Proposal(request=PlanRequest(), strategy="A", rule="free_reserve_min", sentence="It ends at 4.97 %. " * 9)
    execution = desk.begin(made).execution
    assert execution is not None
    blocks = (
        preview(proposal(made), width),
        compare(Contender("this plan", proposal(made)), Contender("strategy A", refused), width),
        progress(execution, desk.picture, width),
    )
    for lines in blocks:
        assert [text_of(told) for told in lines if width_of(told) > width] == []
        figures = figures_of(lines)
        assert figures or lines is blocks[-1]
        assert [figure.about for figure in figures if meaning(figure.about) is None] == []


# Two plans side by side


def test_the_better_of_each_pair_is_marked_by_a_sign() -> None:
    """By spot the same turnover costs 35 instead of 17.50 and no funding."""
    first = plan()
    fee, slippage, funding, _ = first.costs
    second = replace(first, steps=first.steps[:3], costs=(replace(fee, amount=D(35)), slippage, replace(funding, amount=ZERO)))
    shown = compare(Contender("this plan", proposal(first)), Contender("by spot", proposal(second)), 77)
    assert row_of(shown, "fees").split() == ["fees", BETTER, "−17.50", "−35.00"]
    assert row_of(shown, "funding a day").split()[3:] == ["−4.50", BETTER, "0.00"]
    assert row_of(shown, "steps").split() == ["steps", "6", BETTER, "3"]
    assert row_of(shown, "slippage").split() == ["slippage", "0.00", "0.00"]
    assert BETTER not in row_of(shown, "L1 at the end")


def test_a_refused_plan_is_shown_with_its_rule_and_one_on_its_way_says_so() -> None:
    refused = Proposal(request=PlanRequest(), strategy="A", rule="free_reserve_min", sentence="It ends at 4.97 %.")
    shown = compare(Contender("this plan", None), Contender("strategy A", refused), 77)
    assert "… this plan: being worked out" in text(shown)
    assert "✗ strategy A: REFUSED by free reserve: It ends at 4.97 %." in text(shown)
    assert BETTER not in text(shown[1:])


# On the screen


async def test_the_preview_follows_while_typing_and_invalid_text_asks_nothing() -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=NARROW) as (app, pilot):
        await press(pilot, "r", "d", "0", "full_stop", "3")
        view = app.query_one(RotationView)
        assert view.request.hedge_ratio == D("0.3")
        assert view.proposal is not None
        assert view.proposal.request.hedge_ratio == D("0.3")
        asked = len(desk.requests)
        await press(pilot, "x", "enter")
        shown = screen_text(app)
        assert "✗ '0.3x' is no number" in shown
        assert app.query_one(FieldRow).display
        assert len(desk.requests) == asked
        await press(pilot, "escape")
        assert view.request == PlanRequest()
        assert not app.query_one(FieldRow).display
        await press(pilot, "t", *"uni", "enter")
        assert view.request.tokens == ("UNI",)
        assert "tokens *UNI" in screen_text(app)
        assert "* changed, 0 resets" in screen_text(app)


async def test_arrows_step_and_f8_halts_while_typing() -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=NARROW) as (app, pilot):
        await press(pilot, "r", "l", "down", "down", "down", "f8")
        view = app.query_one(RotationView)
        assert view.request.leverage == D(1)
        assert desk.picture.halted
        await press(pilot, "tab")
        assert not app.query_one(FieldRow).display
        assert view.request.leverage == D(1)


async def test_an_older_preview_is_never_shown_as_the_present_one() -> None:
    desk = SmallDesk()
    async with cockpit(desk) as (app, pilot):
        await press(pilot, "r")
        desk.gates["auto"] = threading.Event()
        try:
            await pilot.press("l", "up")
            await pilot.pause()
            shown = screen_text(app)
            assert "… the plan is being worked out" in shown
            assert "The path" not in shown
            assert app.query_one(RotationView).plan is None
        finally:
            desk.gates["auto"].set()
        await quiet(pilot)
        assert "The path: 6 steps" in screen_text(app)


async def test_a_wide_terminal_draws_the_course_beside_the_path() -> None:
    async with cockpit(SmallDesk(), size=(200, 60)) as (app, pilot):
        await press(pilot, "r")
        rows = screen_text(app).splitlines()
        head = next(row for row in rows if "The path: 6 steps" in row)
        assert "Its course" in head
        assert "least reserve 5.0 %" in screen_text(app)


async def test_while_a_plan_is_in_execution_no_other_one_is_previewed() -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=NARROW) as (app, pilot):
        await press(pilot, "r", "enter", "escape")
        asked = len(desk.requests)
        await press(pilot, "s", "n")
        assert app.query_one(RotationView).plan is None
        assert len(desk.requests) == asked
        assert "In execution" in screen_text(app)


async def test_v_puts_another_plan_beside_and_goes_around() -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=NARROW) as (app, pilot):
        await press(pilot, "r", "v")
        shown = screen_text(app)
        assert "versus by spot" in shown
        assert "Two plans" in shown
        await press(pilot, "V", "V")
        assert "versus strategy C" in screen_text(app)
        assert "! strategy C: no step can be taken" in screen_text(app)
        await press(pilot, "v")
        assert "Two plans" not in screen_text(app)


def test_sectors_that_rotate_have_a_weight_at_the_end() -> None:
    shown = compare(Contender("a", proposal(plan())), Contender("b", proposal(plan())), 77)
    assert row_of(shown, f"{Sector.STABLE.value} at the end").split()[4:] == ["20.0", "%", "20.0", "%"]


# A plan without steps


def left(reason: str) -> Skipped:
    return Skipped(asset="L1", wanted=D("-1000"), reason=reason)


@pytest.mark.parametrize(
    ("skipped", "said"),
    [
        ((), "✓ Nothing to do: the book is where the strategy wants it"),
        ((left(f"{WITHIN_BAND} of 5 % of the base around the target"),), "✓ Nothing to do"),
        ((left("hedge: no held token's perpetual can carry it"),), "! No step can be taken: what the target asks for"),
    ],
)
def test_a_plan_without_steps_says_whether_nothing_is_asked_or_nothing_can_be_done(
    skipped: tuple[Skipped, ...], said: str
) -> None:
    empty = replace(plan(), steps=(), skipped=skipped)
    assert said in text(preview(proposal(empty), 116))
    mark = said[:1]
    assert f"{mark} other: n" in text(compare(Contender("this", proposal(plan())), Contender("other", proposal(empty)), 116))


def test_a_plan_that_breaks_a_rule_without_a_step_is_not_content() -> None:
    hard = next(check for check in plan().checks if check.kind is CheckKind.HARD)
    broken = replace(plan(), steps=(), skipped=(), checks=(replace(hard, passed=False),))
    assert "✓ Nothing" not in text(preview(proposal(broken), 116))
    assert "! No step can be taken, and the book breaks a rule" in text(preview(proposal(broken), 116))


class WithPlan(SmallDesk):
    """Proposes this plan whatever is asked, or refuses to answer."""

    made: Plan | None = None

    def propose(self, request: PlanRequest) -> Proposal:
        if self.made is None:
            raise BadInput("there is nothing to rotate: NAV is 0.00 USDT")
        return Proposal(request=request, strategy="B", plan=self.made)


async def test_begin_says_why_there_is_nothing_to_begin() -> None:
    desk = WithPlan()
    async with cockpit(desk, size=NARROW) as (app, pilot):
        await press(pilot, "r", "enter")
        assert "! there is nothing to rotate: NAV is 0.00 USDT" in screen_text(app)
        assert "worked out" not in screen_text(app)
        desk.made = replace(plan(), steps=(), skipped=(left("hedge: no order book"),))
        await press(pilot, "n", "enter")
        assert screen_text(app).count("! No step can be taken") == 2


async def test_a_plan_that_cannot_be_begun_offers_no_key_that_begins_it() -> None:
    desk = WithPlan()
    desk.made = plan()
    async with cockpit(desk, size=NARROW) as (app, pilot):
        await press(pilot, "r")
        assert "⏎ begins it" in screen_text(app)
        hard = next(check for check in plan().checks if check.kind is CheckKind.HARD)
        desk.made = replace(plan(), checks=(replace(hard, passed=False),))
        await press(pilot, "n")
        assert "begins it" not in screen_text(app)
        assert "change what is asked for" in screen_text(app)


def test_a_hedge_without_any_spot_has_no_headroom_to_tell() -> None:
    hedge = next(check for check in plan().checks if check.rule == "hedge_ratio_max")
    bare = replace(plan(), checks=(replace(hedge, worst=NO_SPOT, worst_step=0, passed=False),))
    shown = text(path.worst_prefix(bare, 116))
    assert "hedge ratio no spot" in shown
    assert "headroom –" in shown
