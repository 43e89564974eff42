"""A position that nothing protects is said wherever the book is shown, with the way out."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from cockpit.model.picture import ExecutionView, Picture, Progress, Stage
from cockpit.ui.accounts import short_names
from cockpit.ui.blocks import positions
from cockpit.ui.blocks.holdings import holdings
from cockpit.ui.blocks.position_grid import stop_cell
from cockpit.ui.lines import Span, text_of, width_of
from cockpit.ui.widgets.header import header
from tests.ui import worked_example as example
from tests.ui.test_panes import hedged, loaded, text


def with_stop(stop: str | None) -> Picture:
    """The worked example's hedge, short 2.5 ETH at 2x and liquidated at 5,976.10, with this stop."""
    picture = hedged()
    first = picture.positions[0]
    assert first.liquidation_price is not None
    assert round(first.liquidation_price, 2) == Decimal("5976.10")
    price = None if stop is None else Decimal(stop)
    changed = replace(
        first,
        position=replace(first.position, stop_price=price),
        stop_distance=None if price is None else price / first.mark - 1,
    )
    return replace(picture, positions=(changed, *picture.positions[1:]), execution=None)


@pytest.mark.parametrize(
    ("stop", "badge", "cell", "sentence"),
    [
        (None, "1 WITHOUT STOP", "NO STOP", "! NO STOP: short ETH. Nothing limits what it may lose."),
        (
            "6000",
            "1 STOP TOO LATE",
            "TOO LATE",
            "! STOP TOO LATE: short ETH: it is liquidated before the stop can fire.",
        ),
    ],
)
def test_what_nothing_protects_is_said_in_header_headline_table_and_sentence(
    stop: str | None, badge: str, cell: str, sentence: str
) -> None:
    picture = with_stop(stop)
    assert f" {badge} " in text(header(picture, 80))
    assert f" {badge} " in text(header(picture, 120))
    assert text_of(positions.headline(picture)).startswith(badge)
    shown = text(positions.positions(picture, 116))
    assert sentence in shown
    assert "o previews the stops alone; r a whole plan, whose first steps set them." in shown
    assert cell in next(row for row in shown.splitlines() if "SHORT ETH" in row)
    said = stop_cell(picture.positions[0])
    assert isinstance(said, Span)
    assert (said.text, said.role) == (cell, "alarm")
    assert [row.name for row in holdings(picture) if row.naked] == ["ETH"]


@pytest.mark.parametrize("stop", ["4480", "5976"])
def test_a_stop_before_the_liquidation_raises_no_alarm(stop: str) -> None:
    picture = with_stop(stop)
    assert "STOP" not in text(header(picture, 80))
    assert "previews the stops" not in text(positions.positions(picture, 116))


def test_the_alarm_names_the_keys_in_force_and_leads_to_the_stops_also_while_a_plan_is_on_its_way() -> None:
    keymap = {"rotate": "ctrl+r", "protect": "ctrl+t"}
    shown = text(positions.remarks(with_stop(None), 116, keymap))
    assert "^t previews the stops alone; ^r a whole plan" in shown
    plan = example.reconciled_plan(example.book(), example.market())
    begun = replace(with_stop(None), execution=ExecutionView(plan=plan, steps=(), current=1))
    assert "^t previews the stops alone: begun, they take the place of the plan." in text(positions.remarks(begun, 116, keymap))


def test_with_several_accounts_the_alarm_names_the_one_in_which_the_position_stands() -> None:
    picture = with_stop(None)
    ids = (picture.positions[0].account, "desk-sub-account-000002")
    assert f"short ETH in {ids[0]}." in text(positions.remarks(replace(picture, accounts=ids), 116))


@pytest.mark.parametrize(
    ("ids", "names"),
    [
        (("main",), ["main"]),
        (("main", "second"), ["main", "second"]),
        (("trading-desk-sub-account-000001x", "trading-desk-sub-account-000002x"), ["…00001x", "…00002x"]),
        (("alpha-desk-of-the-trader", "beta-desk-of-the-trader"), ["alpha-…", "beta-d…"]),
        (("aaaaaaaaaaaaaaaa1zzzzzzzzzzz", "aaaaaaaaaaaaaaaa2zzzzzzzzzzz"), ["…1zzzzzzzzzzz", "…2zzzzzzzzzzz"]),
    ],
)
def test_a_long_account_id_is_cut_where_it_is_like_the_others(ids: tuple[str, ...], names: list[str]) -> None:
    assert list(short_names(ids).values()) == names


def test_a_book_that_could_not_be_valued_has_an_unknown_nav_and_none_on_its_way() -> None:
    failed = replace(loaded(), exposure=None, book_progress=Progress(stage=Stage.FAILED, message="no price of DOGE"))
    assert "NAV unknown" in text(header(failed, 80))
    assert "NAV …" in text(header(replace(failed, book_progress=Progress()), 80))
    assert all(width_of(row) <= 80 for row in header(failed, 80))
