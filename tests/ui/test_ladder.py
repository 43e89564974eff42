"""The ladder of a shock and all scenarios side by side: what is scaled is said exactly, and where it starts to hurt."""

from collections.abc import Sequence
from decimal import Decimal

import pytest
from msgspec.structs import replace

from cockpit.inquiries import what_if
from cockpit.model.assets import Sector
from cockpit.model.book import Account, Book, Position, Side
from cockpit.model.inquiry import Ladder, Reach, Shocks, WhatIf
from cockpit.model.plan import Plan
from cockpit.ui import charts
from cockpit.ui.blocks.ladder import firsts, firsts_table, ladder_chart, ladder_table, scale_words
from cockpit.ui.blocks.scenarios import SCENARIOS, scenario_table
from cockpit.ui.blocks.whatif import whatif
from cockpit.ui.figures import figures_of
from cockpit.ui.glossary import meaning
from cockpit.ui.lines import Line, text_of, width_of
from tests.ui import worked_example as example
from tests.ui.driving import NARROW, WIDE, cockpit, press, screen_text
from tests.ui.small_desk import SmallDesk

D = Decimal
BOTH = SCENARIOS[0].shocks
HUGE = (200, 60)


def asked(shocks: Shocks = BOTH, *, plan: Plan | None = None, held: Book | None = None) -> WhatIf:
    """The worked example, by itself or beside a plan's end, with every scenario."""
    others = [scenario.shocks for scenario in SCENARIOS]
    market, universe = example.market(), example.UNIVERSE
    return what_if(shocks, plan, None, held or example.book(), lambda _: market, universe, example.SETTINGS, others)


def planned(shocks: Shocks = BOTH) -> WhatIf:
    return asked(shocks, plan=example.reconciled_plan(example.book(), example.market()))


def ladder_of(found: WhatIf) -> Ladder:
    assert found.ladder is not None
    return found.ladder


def texts(lines: Sequence[Line]) -> list[str]:
    return [text_of(row) for row in lines]


def cells(lines: Sequence[Line], start: str) -> list[str]:
    return next(text for text in texts(lines) if text.strip().startswith(start)).split()


def steps(shocks: Shocks, *, fine: bool = False, width: int = 116) -> list[Line]:
    found = planned(shocks)
    return ladder_table(ladder_of(found), shocks, width, fine=fine)


# What is scaled


@pytest.mark.parametrize(
    ("shocks", "words"),
    [
        (BOTH, "DeFi by the first column, L1 20/30 of it"),
        (SCENARIOS[1].shocks, "L1 by the first column"),
        (SCENARIOS[3].shocks, "L1 and DeFi by the first column"),
        (
            Shocks(sectors={Sector.L1: D("-0.2")}, assets={"ETH": D("0.125"), "UNI": D(0)}),
            "L1 by the first column, ETH −12.5/20 of it, UNI stays",
        ),
    ],
)
def test_what_is_scaled_is_said_exactly(shocks: Shocks, words: str) -> None:
    assert scale_words(ladder_of(asked(shocks)), shocks) == f"Scaled as a whole: {words}"


# The rungs


def test_the_rung_of_the_shock_is_marked_and_says_what_the_main_table_says() -> None:
    """The published 84,500 of the book now and 78,982.50 of the plan's end in a gap (facts/domain.md 2.7)."""
    assert cells(steps(BOTH), "▸−30 %") == ["▸−30", "%", "84,500", "!", "82,658", "78,982"]


def test_a_ladder_runs_from_the_highest_rise_down_in_tens_and_in_fives_where_there_is_room() -> None:
    coarse = [text.split()[0].lstrip("▸") for text in texts(steps(BOTH))[2:]]
    assert coarse == ["+50", "+40", "+30", "+20", "+10", "0", "−10", "−20", "−30", "−40", "−50"]
    assert len(steps(BOTH, fine=True)) - len(steps(BOTH)) == 10


def test_a_shock_between_two_rungs_has_a_rung_of_its_own() -> None:
    own = Shocks(assets={"ETH": D("-0.325")})
    rows = texts(steps(own))
    assert any(row.startswith("▸−32.5 %") for row in rows)
    assert len(rows) - 2 == 12


def test_the_first_stop_and_the_first_liquidation_stand_in_words_on_the_rung_that_reaches_them() -> None:
    """Longs stop at -15 % and are lost at -49.5 %, the hedge of ETH stops at 18 % of DeFi."""
    rows = [text for text in texts(steps(BOTH, fine=True)) if "first" in text and "column" not in text]
    assert [(row.split()[0].lstrip("▸"), row.partition("first ")[2].strip()) for row in rows] == [
        ("+20", "stop, plan end"),
        ("−15", "stop, plan end"),
        ("−50", "liquidation, plan end"),
    ]
    assert [text.split()[0] for text in texts(steps(BOTH)) if "✗" in text] == ["−50"]


def test_a_book_without_perpetuals_has_no_column_for_a_gap() -> None:
    found = asked()
    rows = texts(ladder_table(ladder_of(found), BOTH, 116, fine=False))
    assert rows[1].split() == ["DeFi", "book", "now"]
    assert firsts_table(ladder_of(found), BOTH, 116) == []


# Where it starts to hurt


def test_it_says_where_it_starts_to_hurt_down_and_up() -> None:
    rows = texts(firsts_table(ladder_of(planned()), BOTH, 116))
    assert [" ".join(row.split()) for row in rows[3:]] == [
        "plan end, DeFi down −15.0 % AAVE long, UNI long −49.5 % AAVE long",
        "plan end, DeFi up +18.0 % ETH short none up to +50 %",
    ]


def test_a_position_that_is_past_its_liquidation_is_said_to_be() -> None:
    gone = Position(asset="UNI", side=Side.LONG, quantity=D(1000), entry_price=D(12), margin=D(1200))
    held = Book(name="x", accounts=(Account(id="main", venue="paper", spot={}, futures_wallet=D(1200), positions=(gone,)),))
    rows = texts(firsts_table(ladder_of(asked(held=held)), BOTH, 116))
    assert "already past it  UNI long" in rows[3]
    assert rows[3].split()[4:8] == ["none", "down", "to", "−50"]


def reach(move: str, *, liquidation: bool = False) -> Reach:
    return Reach(move=D(move), account="main", asset="UNI", side=Side.LONG, liquidation=liquidation)


def test_what_reads_as_the_same_number_is_first_together() -> None:
    found = (reach("-0.1501"), reach("-0.1504"), reach("-0.16"), reach("0.2"), reach("-0.1", liquidation=True))
    assert firsts(found, D("-0.5"), liquidation=False) == [found[0], found[1]]
    assert firsts(found, D("0.5"), liquidation=False) == [found[3]]
    assert firsts(found, D("0.5"), liquidation=True) == []


# Every scenario


def test_every_scenario_stands_beside_the_others_with_stops_and_liquidations() -> None:
    """DeFi -30 % alone: 25,000 x .3 of the book; the plan's end loses 50,000 x .3 over its stops."""
    rows = scenario_table(planned(), SCENARIOS, 116)
    assert texts(rows)[2].startswith("▸ L1 −20 %, DeFi −30 %")
    assert cells(rows, "DeFi −30 %")[3:] == ["−7.5", "%", "−11.3", "%", "−15.0", "%", "!", "2", "0"]
    assert cells(rows, "both +20 %")[3:] == ["+13.0", "%", "+16.8", "%", "+16.0", "%", "!", "1", "0"]


def test_a_shock_of_ones_own_stands_above_the_shipped_ones() -> None:
    rows = texts(scenario_table(planned(Shocks(sectors={Sector.DEFI: D("-0.6")})), SCENARIOS, 116))
    assert rows[2].startswith("▸ custom")
    assert "✗ 2" in rows[2]
    assert len(rows) == 2 + 1 + len(SCENARIOS)
    assert len(scenario_table(planned(Shocks()), SCENARIOS, 116)) == 2 + len(SCENARIOS)


# All of it


@pytest.mark.parametrize("width", [70, 77, 116, 196])
@pytest.mark.parametrize("shocks", [BOTH, Shocks(assets={"ETH": D("-0.8"), "UNI": D("0.3"), "AAVE": D("0.1")})])
def test_it_fits_and_explains_every_figure(width: int, shocks: Shocks) -> None:
    found = planned(shocks)
    ladder = ladder_of(found)
    charts.prepare()
    blocks = [firsts_table(ladder, shocks, width), *(ladder_table(ladder, shocks, width, fine=fine) for fine in (False, True))]
    for lines in [*blocks, scenario_table(found, SCENARIOS, width)]:
        assert [text_of(told) for told in lines if width_of(told) > width] == []
        figures = figures_of(lines)
        assert figures
        assert [figure.about for figure in figures if meaning(figure.about) is None] == []
    assert max(map(width_of, ladder_chart(ladder, shocks, width))) <= width


def test_the_figures_come_first_on_a_narrow_screen_and_the_ladder_beside_them_on_a_wide_one() -> None:
    desk = SmallDesk()
    desk.open_book()
    picture = desk.load_signals()
    found = planned()
    plan = example.reconciled_plan(example.book(), example.market())
    narrow, wide, huge = (texts(whatif(found, plan, "", picture, width)) for width in (77, 116, 196))
    assert [line.partition("  ")[0] for line in narrow if line.startswith(("Before", "Perp", "Where", "Every", "Ladder"))] == [
        "Before → after the shock",
        "Perpetuals: the plan's end",
        "Where it starts to hurt",
        "Every scenario",
        "Ladder of NAV",
    ]
    for rows in (wide, huge):
        assert any(row.startswith("Before") and "Ladder of NAV" in row for row in rows)
    assert any("Change of NAV along the ladder" in row for row in huge)
    assert not any("Change of NAV along the ladder" in row for row in wide)


def test_a_large_book_whose_figures_take_the_room_has_its_ladder_below() -> None:
    spot = {asset: quantity * 100_000 for asset, quantity in example.book().accounts[0].spot.items()}
    large = replace(example.book(), accounts=(replace(example.book().accounts[0], spot=spot),))
    desk = SmallDesk(large)
    desk.open_book()
    rows = texts(whatif(asked(held=large, plan=None), None, "", desk.load_signals(), 90))
    assert any(row.startswith("Ladder of NAV") for row in rows)
    assert max(map(len, rows)) <= 90


class Counting(SmallDesk):
    """Counts what is asked about shocks."""

    def __init__(self) -> None:
        super().__init__()
        self.questions: list[tuple[Shocks, int]] = []

    def what_if(self, shocks: Shocks, plan: Plan | None, others: Sequence[Shocks] = ()) -> WhatIf:
        self.questions.append((shocks, len(others)))
        return super().what_if(shocks, plan, others)


async def test_ladder_and_scenarios_come_with_the_answer_to_one_question() -> None:
    desk = Counting()
    async with cockpit(desk, size=HUGE) as (app, pilot):
        await press(pilot, "6")
        assert desk.questions == [(BOTH, len(SCENARIOS))]
        await press(pilot, "p")
        assert desk.questions[1:] == [(SCENARIOS[1].shocks, len(SCENARIOS))]
        shown = screen_text(app)
        assert "Scaled as a whole: L1 by the first column" in shown
        assert "▸ L1 −20 % " in shown
        assert "Change of NAV along the ladder" in shown
        await press(pilot, "0")
        assert "Ladder" not in screen_text(app)


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_the_first_screen_keeps_its_figures(size: tuple[int, int]) -> None:
    async with cockpit(SmallDesk(), size=size) as (app, pilot):
        await press(pilot, "6")
        shown = screen_text(app)
        assert "STABLE %" in shown
        assert ("Ladder" in shown) is (size is WIDE)
