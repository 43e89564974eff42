"""What each pane says of a picture, without a screen."""

from datetime import timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from cockpit.model.market import MarketLabel
from cockpit.model.picture import Picture, Progress, Stage
from cockpit.model.readings import Phase
from cockpit.model.request import PlanRequest, Proposal
from cockpit.ui.blocks import heat, outlook, phase, positions
from cockpit.ui.blocks.heat import asset_grid
from cockpit.ui.blocks.preview import preview
from cockpit.ui.lines import Line, text_of, width_of
from cockpit.ui.panes.pane import Build
from cockpit.ui.widgets.header import header
from tests.ui import sample_signals as signals
from tests.ui import worked_example as example
from tests.ui.small_desk import SmallDesk

PANELS: tuple[Build, ...] = (positions.positions, phase.summary, heat.overview_heat, outlook.outlook)
VIEWS: tuple[Build, ...] = (*PANELS, phase.phase, header)
FITS = [(view, width) for view in VIEWS for width in (80, 116, 120)] + [(panel, width) for panel in PANELS for width in (54, 76)]


def loaded(desk: SmallDesk | None = None) -> Picture:
    """The picture of the worked example with everything in it."""
    desk = desk or SmallDesk()
    desk.open_book()
    desk.open_store()
    return desk.load_signals()


def hedged() -> Picture:
    """The worked example after the whole plan."""
    desk = SmallDesk()
    plan = example.reconciled_plan(desk.held, desk.market)
    for step in plan.steps:
        desk.held = example.booked(desk.held, step)
    return loaded(desk)


def text(lines: list[Line]) -> str:
    return "\n".join(text_of(line) for line in lines)


@pytest.mark.parametrize(("build", "width"), FITS)
@pytest.mark.parametrize("picture", [loaded(), hedged()], ids=["spot only", "hedged"])
def test_every_pane_fits_its_width(build: Build, width: int, picture: Picture) -> None:
    too_wide = [text_of(line) for line in build(picture, width) if width_of(line) > width]
    assert too_wide == []


def test_positions_show_spot_perp_net_weight_and_target_by_sector() -> None:
    rows = [text_of(line).split() for line in positions.positions(hedged(), 116)]
    assert ["L1", "40,000", "−10,000", "30,000", "30.0→30.0"] in [row[:5] for row in rows]
    assert ["DEFI", "25,000", "+25,000", "50,000", "50.0→50.0"] in [row[:5] for row in rows]
    assert ["STABLE", "17,482", "–", "19,982", "20.0→20.0"] in [row[:5] for row in rows]


def test_a_perpetual_shows_liquidation_and_stop_with_their_distances() -> None:
    """Liquidation of the 10,000 short at 2x: 5,976.10, 49.4 % away (worked with the published tiers)."""
    shown = text(positions.positions(hedged(), 116))
    short = next(row for row in shown.splitlines() if "SHORT ETH" in row)
    assert short.split()[:11] == ["▼", "SHORT", "ETH", "2x", "0.00", "+49.4", "%", "+12.0", "%", "4,480.00", "2.500"]


def test_a_position_without_a_stop_says_so_in_words() -> None:
    picture = hedged()
    naked = replace(picture.positions[0], position=replace(picture.positions[0].position, stop_price=None), stop_distance=None)
    picture = replace(picture, positions=(naked, *picture.positions[1:]))
    assert "NO STOP" in text(positions.positions(picture, 56))
    assert "1 WITHOUT STOP" in text_of(positions.headline(picture))


def test_phase_shows_scores_evidence_coverage_and_what_would_change_it() -> None:
    shown = text(phase.phase(loaded(), 116))
    for words in (
        "B DeFi Alpha Hunt",
        "+0.41",
        "−0.12",
        "DeFi/L1 rotation",
        "104.2",
        "+0.25",
        "Coverage 85 %",
        "missing: network activity",
        "DeFi/L1 rotation below 98.7 (now 104.2)",
        "A takes over at a lead of −0.10 on 3 closes",
        "DeFi RSI 74.1, fires at 80 on three closes",
        "The last 180 days",
    ):
        assert words in shown
    assert shown.count("no data") >= 1


def test_an_undetermined_phase_says_hold() -> None:
    picture = replace(loaded(), call=signals.phase_call(Phase.UNDETERMINED, Phase.A))
    shown = text(phase.phase(picture, 116))
    assert "Hold, take no new risk" in shown
    assert "the last phase held was A" in shown
    assert "UNDETERMINED coverage 40 %" in text(header(picture, 120))


def test_a_missing_reading_is_a_dot_and_never_zero() -> None:
    grid, _ = asset_grid(loaded(), values=False)
    column = grid.heads.index("TVL 30d")
    row = next(i for i, name in enumerate(grid.names) if name.text == "L1")
    assert grid.tiles[row][column].text == "·"
    zero = grid.tiles[row][grid.heads.index("funding")]
    assert (zero.text, zero.role) == ("0.00", "level")


def test_assets_stand_below_their_sector() -> None:
    grid, _ = asset_grid(loaded(), values=False)
    assert [name.text for name in grid.names] == ["L1", " ETH", " SOL", "DEFI", " UNI", " AAVE"]


def test_every_cell_of_the_heatmap_has_a_sign_or_a_glyph_besides_its_colour() -> None:
    for values in (False, True):
        grid, _ = asset_grid(loaded(), values=values)
        assert all(tile.text.strip() for row in grid.tiles for tile in row)


def test_the_header_says_everything_in_words_at_both_widths() -> None:
    picture = replace(loaded(), halted=True)
    for width, lines in ((80, 2), (120, 1)):
        shown = header(picture, width)
        assert len(shown) == lines
        for words in (
            "Hundred thousand",
            "main",
            "PAPER",
            "SIMULATED",
            "HALTED",
            "NAV 100,000.00",
            "B DeFi",
            "high 0.71",
            "rev 14",
            "2 s",
        ):
            assert words in text(shown), (width, words)


def test_the_header_keeps_its_numbers_when_names_are_long() -> None:
    desk = SmallDesk(example.book("A portfolio whose name goes on and on and on for ever"))
    picture = replace(loaded(desk), halted=True, quote_age=timedelta(minutes=5))
    for width in (80, 120):
        shown = header(picture, width)
        assert all(width_of(line) <= width for line in shown)
        for words in ("NAV 100,000.00", "HALTED", "rev 14", "quotes 5 min OLD", "…"):
            assert words in text(shown), (width, words)


@pytest.mark.parametrize("width", [20, 30, 40, 59])
def test_where_columns_cut_numbers_the_header_says_so_and_shows_the_nav_whole_or_not_at_all(width: int) -> None:
    picture = replace(loaded(), halted=True)
    first, second = (text_of(row)[:width] for row in header(picture, width))
    assert f"{width} columns cut" in second
    assert "NAV" not in first or "NAV 100,000.00" in first
    assert "NAV 100,000.00" in first or width < 45
    assert "NO UPDATE 40 s" in text(header(picture, width, timedelta(seconds=40)))


def test_a_recorded_market_names_its_day() -> None:
    desk = SmallDesk(label=MarketLabel.RECORDED)
    assert "RECORDED 2021-08-20" in text(header(loaded(desk), 120))


@pytest.mark.parametrize("build", [positions.positions, phase.phase, heat.overview_heat])
def test_what_is_not_there_yet_says_loading_and_what_failed_says_why(build: Build) -> None:
    picture = SmallDesk().picture
    assert "loading" in text(build(picture, 76))
    failed = Progress(stage=Stage.FAILED, message="prices.csv has no column close")
    broken = replace(picture, book_progress=failed, signals_progress=failed)
    assert "prices.csv has no column close" in text(build(broken, 76))


def test_the_preview_shows_the_path_with_its_worst_points() -> None:
    """The published path: 5,005, 2.5 ETH short, 6,256.25 twice, cash 17,482.50, margin 17,500."""
    plan = example.reconciled_plan(example.book(), example.market())
    shown = text(preview(Proposal(request=PlanRequest(), strategy="B", plan=plan), 116))
    for words in (
        "5,005.00 to futures",
        "SHORT 2.5 ETH",
        "LONG 50 AAVE",
        "LONG 1,250 UNI",
        "◂17,482.50",
        "◂17,500.00",
        "◂+49.4 %",
        "4,480.00",
    ):
        assert words in shown
    assert shown.count("◂17,482.50") == 1
    for words in (
        "free reserve",
        "17.5 %",
        "≥",
        "! hedge ratio, guide",
        ">  ",
        "−17.50",
        "7.8 days",
        "COMP +3.20: below the smallest order",
    ):
        assert words in shown


def test_a_refusal_stands_first_and_names_the_rule() -> None:
    proposal = Proposal(
        request=PlanRequest(), strategy="B", rule="free_reserve_min", sentence="It ends at 4.97 % of NAV, the limit is 5 %."
    )
    rows = preview(proposal, 76)
    assert text_of(rows[0]) == "✗ REFUSED by free reserve"
    assert "4.97 %" in text_of(rows[1])


def test_small_weights_do_not_vanish() -> None:
    picture = hedged()
    assert picture.exposure is not None
    assert picture.exposure.nav == Decimal("99982.5")
    assert "NAV 99,982.50" in text(positions.positions(picture, 76))
