"""The what-if pane: shocks that are chosen or typed, and what they do to the book and to the plan."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from cockpit.model.assets import Sector
from cockpit.model.book import Account, Book, Side
from cockpit.model.errors import BadInput, CockpitError
from cockpit.model.inquiry import ShockedBook, ShockedPosition, Shocks, WhatIf
from cockpit.model.picture import Picture
from cockpit.model.plan import Plan
from cockpit.model.request import PlanRequest, Proposal
from cockpit.model.strategy import Mode
from cockpit.ui import typed
from cockpit.ui.blocks.scenarios import SCENARIOS, asset_text, name_of, scenarios, shock_lines, with_sector
from cockpit.ui.blocks.whatif import fate, nearest, verdict, whatif
from cockpit.ui.figures import figures_of
from cockpit.ui.glossary import meaning
from cockpit.ui.lines import Line, text_of, width_of
from cockpit.ui.panes.whatif import Question, WhatIfView, answer
from cockpit.ui.widgets.field import FieldRow
from tests.ui import worked_example as example
from tests.ui.driving import NARROW, cockpit, press, quiet, screen_text
from tests.ui.small_desk import SmallDesk

D = Decimal
BOTH = SCENARIOS[0].shocks


def text(lines: list[Line]) -> str:
    return "\n".join(map(text_of, lines))


def row_of(lines: list[Line], start: str) -> str:
    return next(told for told in map(text_of, lines) if told.startswith(start))


def loaded(desk: SmallDesk) -> Picture:
    desk.open_book()
    desk.open_store()
    return desk.load_signals()


def shocked(shocks: Shocks, plan: Plan | None = None, desk: SmallDesk | None = None) -> tuple[WhatIf, Picture]:
    desk = desk or SmallDesk()
    picture = loaded(desk)
    return desk.what_if(shocks, plan, [scenario.shocks for scenario in scenarios(picture)]), picture


# What is typed


def test_pairs_of_asset_and_percent_are_read() -> None:
    assert typed.asset_shocks("eth -15, UNI -40%", example.SECTORS) == {"ETH": D("-0.15"), "UNI": D("-0.4")}
    assert typed.asset_shocks("", example.SECTORS) == {}


@pytest.mark.parametrize(
    ("told", "words"),
    [
        ("ETH", r"ETH by how many percent\?"),
        ("ETH -15 UNO", r"UNO is unknown: UNI\?"),
        ("USDT -5", "it does not move against itself"),
        ("ETH -150", "no price falls by more than 100 %"),
        ("ETH much", "'much' is no number"),
    ],
)
def test_a_half_typed_or_impossible_pair_is_told(told: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        typed.asset_shocks(told, example.SECTORS)


def test_what_was_typed_stands_there_again_when_the_field_is_opened() -> None:
    shocks = Shocks(assets={"ETH": D("-0.15"), "UNI": D("-0.4"), "AAVE": D("0.1")})
    assert asset_text(shocks) == "ETH -15 UNI -40 AAVE 10"
    assert typed.asset_shocks(asset_text(shocks), example.SECTORS) == shocks.assets


def test_a_scenario_keeps_its_name_and_ones_own_shock_is_custom() -> None:
    assert name_of(BOTH, SCENARIOS) == "L1 −20 %, DeFi −30 %"
    own = with_sector(BOTH, Sector.L1, D("-0.35"))
    assert name_of(own, SCENARIOS) == "custom"
    assert own.sectors == {Sector.L1: D("-0.35"), Sector.DEFI: D("-0.30")}
    assert with_sector(own, Sector.L1, D(0)).sectors == {Sector.DEFI: D("-0.30")}
    assert "p scenario custom   l L1 −35.0 %   d DeFi −30.0 %" in text(shock_lines(own, SCENARIOS, 120))


def test_a_stablecoin_slips_only_where_one_is_held_beside_the_unit_of_account() -> None:
    picture = loaded(SmallDesk())
    assert scenarios(picture) == SCENARIOS
    assert picture.exposure is not None
    usdt = next(row for row in picture.exposure.assets if row.asset == "USDT")
    both = replace(picture, exposure=replace(picture.exposure, assets=(*picture.exposure.assets, replace(usdt, asset="USDC"))))
    assert scenarios(both)[-1].shocks.assets == {"USDC": D("-0.05")}


# What comes of it


def test_the_worked_example_loses_15_500_and_in_a_gap_21_000_after_the_plan() -> None:
    """Facts of the worked example: 40,000 L1 at −20 % and 25,000 DeFi at −30 %; with the plan net 30,000 and 50,000."""
    plan = example.reconciled_plan(example.book(), example.market())
    found, picture = shocked(BOTH, plan)
    shown = whatif(found, plan, "", picture, 100)
    assert text_of(shown[0]) == "· the book now loses 15,500.00 (−15.5 %); no perpetual is open"
    assert "in a gap −21.0 %); AAVE long, UNI long stopped; nothing is liquidated" in " ".join(map(text_of, shown[1:3]))
    assert row_of(shown, "NAV, in a gap").split()[4:] == ["100,000", "84,500", "−15.5", "%", "99,982", "78,982", "−21.0", "%"]
    assert row_of(shown, "▼ SHORT 2.5 ETH").split()[4:7] == ["4,000.00", "3,200.00", "+2,000.00"]
    assert "! STOPPED at 212.50" in row_of(shown, "▲ LONG 50 AAVE")


def test_a_position_beyond_liquidation_is_told_in_words() -> None:
    plan = example.reconciled_plan(example.book(), example.market())
    found, picture = shocked(Shocks(sectors={Sector.DEFI: D("-0.6")}), plan)
    shown = " ".join(text(whatif(found, plan, "", picture, 116)).split())
    assert "✗ the plan's end loses" in shown
    assert "AAVE long, UNI long LIQUIDATED in a gap" in shown
    assert "in a gap LIQUIDATED at 126.26" in shown


def position(**fields: object) -> ShockedPosition:
    base = ShockedPosition(
        account="main",
        symbol="ETH/USDT:USDT",
        asset="ETH",
        side=Side.SHORT,
        quantity=D("2.5"),
        mark=D(4000),
        shocked=D(4400),
        pnl=D(-1000),
        stop_price=D(4480),
        stopped=False,
        stop_pnl=None,
        liquidation_price=D("5976.10"),
        liquidated=False,
    )
    return replace(base, **fields)


def test_what_becomes_of_a_position_is_a_word_and_a_glyph() -> None:
    assert fate(position())[0] == "✓ stands; stop at 4,480.00"
    assert fate(position(stop_price=None))[0] == "! NO STOP; stands"
    assert fate(position(stopped=True, stop_pnl=D("-1211.2")))[0] == "! STOPPED at 4,480.00: −1,211.20"
    assert fate(position(stop_price=None, liquidated=True))[0] == "✗ LIQUIDATED at 5,976.10, the margin is lost"


def test_a_position_without_margin_tiers_stands_with_its_liquidation_unknown() -> None:
    bare = position(liquidation_price=None, liquidation_known=False)
    assert fate(bare)[0] == "! stands; stop at 4,480.00; liquidation unknown"
    assert fate(replace(bare, stop_price=None))[0] == "! NO STOP; stands; liquidation unknown"
    assert fate(replace(bare, stop_price=None, liquidated=True))[0] == "✗ LIQUIDATED, the margin is lost"


def test_the_nearest_liquidation_before_is_the_smallest_move_whatever_its_side() -> None:
    long = position(side=Side.LONG, liquidation_price=D(3000))
    assert nearest((position(), long, position(liquidation_price=None))) == D("-0.25")
    assert nearest(()) is None


def test_what_no_shock_names_is_said_to_stay() -> None:
    account = Account(id="main", venue="paper", spot={"USDT": D(1000), "ETH": D(1), "UNI": D(10)})
    desk = SmallDesk(Book(name="x", accounts=(account,), pinned_prices=example.PRICES, sectors={"ETH": Sector.UNCLASSIFIED}))
    found, picture = shocked(BOTH, desk=desk)
    assert "ETH: not moved by this shock" in text(whatif(found, None, "", picture, 77))


def test_of_many_assets_that_stay_a_few_are_named_and_the_others_counted() -> None:
    account = Account(id="main", venue="paper", spot={"USDT": D(1000), **{f"TOK{n}": D(1) for n in range(9)}})
    prices = {**example.PRICES, **{f"TOK{n}": D(1) for n in range(9)}}
    desk = SmallDesk(Book(name="x", accounts=(account,), pinned_prices=prices))
    desk.market = example.market(prices)
    found, picture = shocked(BOTH, desk=desk)
    said = "TOK0, TOK1, TOK2, TOK3, TOK4, TOK5 and 3 more: not moved by this shock"
    assert said in text(whatif(found, None, "", picture, 116))


def book_of(*positions: ShockedPosition) -> ShockedBook:
    found, _ = shocked(BOTH)
    return replace(found.now, positions=positions)


def test_a_shock_that_no_stop_stops_says_how_many_positions_have_none() -> None:
    bare = text(verdict(book_of(position(stop_price=None)), "the book now", 116))
    assert bare.startswith("! ")
    assert "1 WITHOUT STOP; nothing is liquidated" in bare
    assert "no stop is reached" not in bare
    both = text(verdict(book_of(position(stop_price=None), position()), "the book now", 116))
    assert "no stop is reached; 1 WITHOUT STOP" in both
    assert "WITHOUT" not in text(verdict(book_of(position()), "the book now", 116))


def test_positions_of_several_accounts_that_share_a_fate_are_counted() -> None:
    stopped = position(stopped=True, stop_pnl=D(-1200))
    told = text(verdict(book_of(stopped, replace(stopped, account="b"), replace(stopped, asset="UNI")), "the book now", 116))
    assert "ETH short ×2, UNI short stopped" in told


@pytest.mark.parametrize("width", [77, 116, 196])
def test_it_fits_its_width_and_explains_every_figure(width: int) -> None:
    plan = example.reconciled_plan(example.book(), example.market())
    found, picture = shocked(BOTH, plan)
    for lines in (
        whatif(found, plan, "", picture, width),
        whatif(replace(found, planned=None), None, "No plan beside it: because.", picture, width),
        shock_lines(BOTH, SCENARIOS, width),
    ):
        assert [text_of(told) for told in lines if width_of(told) > width] == []
        assert [figure.about for figure in figures_of(lines) if meaning(figure.about) is None] == []


# The plan beside it


def question(desk: SmallDesk) -> Question:
    return Question(BOTH, desk.picture.revision, desk.picture.strategy, "")


class Refusing(SmallDesk):
    """Refuses every plan by a rule, or fails to make one."""

    error: CockpitError | None = None

    def propose(self, request: PlanRequest) -> Proposal:
        if self.error is not None:
            raise self.error
        return Proposal(request=request, strategy="B", rule="free_reserve_min", sentence="It ends at 4.97 %.")


def test_a_refused_or_missing_plan_leaves_the_book_as_it_is_and_says_why() -> None:
    desk = Refusing()
    loaded(desk)
    found = answer(desk, question(desk))
    assert (found.plan, found.found.planned) == (None, None)
    assert found.note == "No plan beside it: It ends at 4.97 %."
    desk.error = BadInput("no such strategy")
    assert answer(desk, question(desk)).note == "No plan beside it: no such strategy"
    desk.change(strategy="")
    assert "no phase names a strategy yet" in answer(desk, question(desk)).note


def test_the_plan_in_execution_is_the_one_beside_the_book() -> None:
    desk = SmallDesk()
    loaded(desk)
    plan = example.reconciled_plan(desk.held, desk.market, plan_id="running")
    desk.begin(plan)
    asked = len(desk.requests)
    found = answer(desk, question(desk))
    assert found.plan is plan
    assert found.found.planned is not None
    assert len(desk.requests) == asked


def test_the_plan_is_the_one_that_the_rotation_asks_for_and_is_named() -> None:
    desk = SmallDesk()
    picture = loaded(desk)
    asked = PlanRequest(strategy="A", mode=Mode.OVERLAY, hedge_ratio=D("0.25"), leverage=D(2), tokens=("UNI",), tranche=D("0.5"))
    found = answer(desk, question(desk)._replace(request=asked))
    assert desk.requests[-1] == asked
    assert found.plan is not None
    shown = " ".join(text(whatif(found.found, found.plan, found.note, picture, 116)).split())
    assert (
        "plan end: the book after strategy A, overlay, preset reconciled, 6 steps; the rotation asks for strategy A, overlay, "
        in shown
    )
    assert ", hedge at most 0.25, leverage 2x, tokens UNI, tranche 50 %" in shown
    assert answer(desk, question(desk)).note == "as previewed in the rotation"


def test_a_strategy_asked_for_by_name_needs_no_phase_and_a_refusal_says_what_was_asked() -> None:
    desk = Refusing()
    loaded(desk)
    desk.change(strategy="")
    asked = question(desk)._replace(request=PlanRequest(strategy="A"))
    assert answer(desk, asked).note == "No plan beside it (strategy A): It ends at 4.97 %."


# On the screen


async def test_what_is_changed_in_the_rotation_is_the_plan_beside_the_book() -> None:
    desk = SmallDesk()
    async with cockpit(desk) as (app, pilot):
        await press(pilot, "6")
        assert "as previewed in the rotation" in screen_text(app)
        await press(pilot, "5", "s", "s", "d", *"0.4", "enter", "6")
        assert desk.requests[-1] == PlanRequest(strategy="B", hedge_ratio=D("0.4"))
        assert "the rotation asks for strategy B, hedge at most 0.40" in " ".join(screen_text(app).split())


async def test_a_shock_is_typed_and_its_outcome_follows() -> None:
    async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
        await press(pilot, "6")
        shown = screen_text(app)
        assert "scenario L1 −20 %, DeFi −30 % (1 of 4)" in shown
        assert "the book now loses 15,500.00 (−15.5 %)" in shown
        await press(pilot, "l", "minus", "5", "0")
        assert app.query_one(WhatIfView).shocks.sectors[Sector.L1] == D("-0.5")
        assert "the book now loses 27,500.00" in screen_text(app)
        await press(pilot, "x", "enter")
        assert "✗ '-50x' is no number" in screen_text(app)
        assert app.query_one(FieldRow).display
        await press(pilot, "escape")
        assert app.query_one(WhatIfView).shocks == BOTH
        await press(pilot, "a", *"eth", "space", "minus", "1", "0", "enter", "0")
        assert app.query_one(WhatIfView).shocks == Shocks()
        assert "the book now keeps its value" in screen_text(app)


async def test_another_view_opened_while_a_shock_is_typed_keeps_the_focus() -> None:
    async with cockpit(SmallDesk()) as (app, pilot):
        await press(pilot, "6", "l", "backspace", "5")
        await app.action_view("rotation")
        await quiet(pilot)
        assert app.query_one(WhatIfView).shocks != BOTH
        assert app.focused is app.query_one("#preview")


async def test_scenarios_go_around_and_the_outcome_follows_the_book() -> None:
    desk = SmallDesk()
    async with cockpit(desk) as (app, pilot):
        await press(pilot, "6", "p")
        assert "(2 of 4)" in screen_text(app)
        await press(pilot, "P", "P")
        assert "both +20 % (4 of 4)" in screen_text(app)
        asked = len(desk.requests)
        desk.change(revision=15)
        await press(pilot, "d")
        assert len(desk.requests) == asked + 1
