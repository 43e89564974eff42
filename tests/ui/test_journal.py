"""The journal: every event can be found, nothing of it is cut, its length costs nothing, and what is shown is what is written."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.app import App, ComposeResult

from cockpit.model.errors import CockpitError
from cockpit.model.journal import JournalKind, JournalRow
from cockpit.model.picture import Picture, Progress, Stage
from cockpit.ui.blocks.journal import ROOMY, WIDE, Event, Filter, column_heads, event, event_lines, headline
from cockpit.ui.glossary import meaning
from cockpit.ui.lines import Line, line, text_of, width_of
from cockpit.ui.panes.journal import JournalView
from cockpit.ui.widgets.long_view import AHEAD, LongView
from tests.ui.driving import NARROW, cockpit, press, quiet, screen_text
from tests.ui.driving import WIDE as WIDE_SCREEN
from tests.ui.small_desk import SmallDesk
from tests.ui.worked_example import NOON

KINDS = (JournalKind.PLAN, JournalKind.ORDER, JournalKind.FILL, JournalKind.STOP, JournalKind.FUNDING)
ASSETS = ("ETH", "UNI", "AAVE")


def made(seq: int, **fields: object) -> JournalRow:
    """An event a minute; the higher its number the newer it is."""
    values: dict[str, object] = {
        "at": NOON - timedelta(days=30) + timedelta(minutes=seq),
        "book": "Hundred thousand",
        "kind": KINDS[seq % len(KINDS)],
        "message": f"event number {seq}",
        "revision": seq,
        "plan_id": f"plan{seq // 100}",
        "step": seq % 7,
        "data": {"asset": ASSETS[seq % 3], "quantity": "1250.50", "price": "-0.00250", "client_id": f"id-{seq}"},
    }
    return JournalRow(seq=seq, **values | fields)  # type: ignore[arg-type]


class Desk(SmallDesk):
    """A desk whose picture holds the newest ten of its events; `asked` is what was asked of all of them."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.events = tuple(made(seq) for seq in range(1, count + 1))
        self.asked: list[int] = []
        self.written: list[tuple[list[int], str]] = []
        self.broken = False

    def open_store(self) -> Picture:
        return self.change(store_progress=Progress(stage=Stage.READY), journal=self.events[-10:])

    def happen(self, count: int) -> None:
        """So many more events, and a picture of the newest ten."""
        last = len(self.events)
        self.events += tuple(made(seq) for seq in range(last + 1, last + count + 1))
        self.change(journal=self.events[-10:])

    def journal(self, after: int = 0) -> tuple[JournalRow, ...]:
        self.asked.append(after)
        if self.broken:
            raise CockpitError("the disk is gone")
        return tuple(row for row in self.events if row.seq > after)

    def export_journal(self, rows: Sequence[JournalRow], form: str, directory: Path) -> Path:
        self.written.append(([row.seq for row in rows], form))
        return directory / f"journal.{form}"


def events(count: int) -> list[Event]:
    """Newest first."""
    return [event(made(seq)) for seq in range(count, 0, -1)]


# Which events a filter keeps


def test_the_words_are_looked_for_in_all_that_an_event_holds() -> None:
    found = event(made(42, message="main: Sold 2.5 ETH", step=3, data={"symbol": "ETH/USDT:USDT", "price": "4000.5"}))
    for words in ("sold 2.5", "SOLD   2", "4000.5", "plan0", "usdt:usdt", "step 3", "rev 42", found.row.kind.value):
        assert Filter(words=words).keeps(found), words
    for words in ("sold eth", "step 4", "uni", "3 price"):
        assert not Filter(words=words).keeps(found), words


def test_the_filters_hold_together() -> None:
    kept = [e.row for e in events(300) if Filter(kind="fill", plan="plan1", asset="UNI").keeps(e)]
    assert kept
    assert all((row.kind, row.plan_id, row.asset) == (JournalKind.FILL, "plan1", "UNI") for row in kept)
    others = [e.row for e in events(300) if not Filter(kind="fill", plan="plan1", asset="UNI").keeps(e)]
    assert len(kept) + len(others) == 300
    assert not any((row.kind, row.plan_id, row.asset) == (JournalKind.FILL, "plan1", "UNI") for row in others)


@pytest.mark.parametrize("field", ["kind", "plan", "asset"])
def test_turning_a_filter_visits_every_value_that_there_is_and_comes_back(field: str) -> None:
    every = events(250)
    asked, seen = Filter(), []
    while True:
        asked = asked.turned(field, 1, every)
        if asked == Filter():
            break
        seen.append(getattr(asked, field))
        assert any(asked.keeps(e) for e in every)
    assert sorted(seen) == sorted({str(getattr(e.row, "plan_id" if field == "plan" else field)) for e in every})
    assert getattr(Filter().turned(field, -1, every), field) == seen[-1]


def test_a_filter_offers_only_what_the_others_leave() -> None:
    every = [event(made(1, kind=JournalKind.FILL, data={"asset": "ETH"})), event(made(2, kind=JournalKind.STOP, data={}))]
    asked = Filter(kind="stop")
    assert asked.turned("asset", 1, every) == asked
    assert Filter(kind="fill").turned("asset", 1, every).asset == "ETH"


# How an event reads

MESSAGES = st.text(st.characters(codec="ascii", categories=("L", "N", "P")), min_size=1, max_size=12)


@given(st.lists(MESSAGES, min_size=1, max_size=25), st.integers(60, 220), st.booleans())
def test_no_message_is_cut_and_no_line_is_wider_than_the_pane(words: list[str], width: int, data: bool) -> None:
    rows = event_lines([event(made(5, message=" ".join(words)))], 0, width, data=data)
    assert max(width_of(row) for row in rows) <= width
    indent = width_of(rows[1][:2]) if width < WIDE else width_of(rows[1][:6])
    said = "".join(text_of(row)[indent:].strip() for row in rows[1:])
    assert "".join(words) in said.replace(" ", "")


@pytest.mark.parametrize("width", [140, 196])
def test_exact_numbers_stand_behind_the_message_or_below_it_and_every_figure_is_explained(width: int) -> None:
    rows = event_lines([event(made(5))], 0, width, data=True)
    if width < ROOMY:
        assert "event number 5   quantity 1,250.5   price −0.0025   client id id-5" in text_of(rows[-1])
        long = event_lines([event(made(5, message="event number 5 " * 5))], 0, width, data=True)
        assert text_of(long[-1]).strip() == "quantity 1,250.5   price −0.0025   client id id-5"
    named = {span.about for row in rows for span in row if span.about}
    assert {"journal.quantity", "journal.price", "journal.revision", "journal.plan"} <= named
    assert all(meaning(about) is not None for about in named)


def test_numbers_have_columns_where_there_is_room_and_one_that_does_not_fit_is_never_cut() -> None:
    fill = made(5, data={"asset": "ETH", "quantity": "2.50", "price": "4000", "fee": "5", "amount": "1" * 14})
    (heads,) = column_heads(196, data=True)
    row = text_of(event_lines([event(fill)], 0, 196, data=True)[-1])
    for name, number in (("quantity", "2.5"), ("price", "4,000"), ("fee", "5")):
        end = text_of(heads).index(f" {name} ") + len(name) + 1
        assert row[:end].endswith(f" {number}")
        assert row[end] == " "
    assert row.index("event number") == text_of(heads).index("what happened")
    assert row.endswith("   amount 11,111,111,111,111")
    assert column_heads(196, data=False) == column_heads(ROOMY - 1, data=True) == []
    without = text_of(event_lines([event(fill)], 0, 196, data=False)[-1])
    assert "4,000" not in without
    assert without.index("event number") < row.index("event number")


def test_what_the_message_says_is_not_said_again() -> None:
    data = {"account": "main", "symbol": "ETH/USDT:USDT", "client_id": "id-5", "trade_id": "7", "shown": "64523c46dd12"}
    row = event_lines([event(made(5, message="main: sold 2.5 ETH/USDT:USDT as id-5", data=data))], 0, 140, data=True)[-1]
    assert text_of(row).endswith("main: sold 2.5 ETH/USDT:USDT as id-5   trade id 7   shown 64523c46")
    other = event_lines([event(made(5, message="north: sold", data=data))], 0, 140, data=True)[-1]
    assert "account main   symbol ETH/USDT:USDT   client id id-5" in text_of(other)


def test_a_whole_book_among_the_data_is_counted_not_spread_out() -> None:
    rows = event_lines([event(made(5, data={"book": "{" + "x" * 4998 + "}"}))], 0, 140, data=True)
    assert "book 5,000 characters, whole in the export" in text_of(rows[-1])


def test_a_day_is_named_before_its_first_event_only() -> None:
    every = [event(made(seq, at=NOON - timedelta(hours=9 * n))) for n, seq in enumerate((3, 2, 1))]
    lines = [text_of(row) for index in range(3) for row in event_lines(every, index, 80, data=False)]
    assert [text for text in lines if text.endswith("UTC")] == ["2021-08-20  UTC", "2021-08-19  UTC"]


def test_the_headline_says_how_many_of_how_many_and_what_narrows_them() -> None:
    asked = Filter(words="sold", kind="fill", plan="0123456789ab", asset="ETH")
    (row,) = headline(7, 12_345, asked, "", None, 110)
    for words in ("7 of 12,345 events", '"sold"', "kind fill", "plan 01234567 ", "asset ETH", "0 all"):
        assert words in text_of(row)
    assert text_of(headline(5, 5, Filter(), "", None, 76)[0]).split() == ["Journal", "5", "events"]
    first, second = headline(10, 10, Filter(), "the older ones cannot be read", None, 76)
    assert "10 events" in text_of(first)
    assert "cannot be read" in text_of(second)


# The list of any length


class Bare(App[None]):
    """Nothing but a long view."""

    def compose(self) -> ComposeResult:
        yield LongView()


async def test_of_ten_thousand_events_only_those_in_view_are_built() -> None:
    built: list[int] = []

    def build(index: int) -> list[Line]:
        built.append(index)
        return [line(f"{index} a"), line(f"{index} b")]

    app = Bare()
    async with app.run_test(size=NARROW) as pilot:
        view = app.query_one(LongView)
        view.show_blocks(build, 10_000)
        view.focus()
        await pilot.pause()
        assert text_of(view.lines[0]) == "0 a"
        assert max(built) < 3 * AHEAD
        await pilot.press("pagedown", "pagedown")
        assert text_of(view.lines[0]) != "0 a"
        assert max(built) < 3 * AHEAD
        await pilot.press("G")
        await quiet(pilot)
        assert text_of(view.lines[-1]) == "9999 b"
        await pilot.press("g")
        await pilot.pause()
        assert text_of(view.lines[0]) == "0 a"


async def test_on_the_long_way_to_the_end_everything_else_goes_on_and_one_may_turn_back() -> None:
    built: list[int] = []

    def build(index: int) -> list[Line]:
        built.append(index)
        return [line(f"{index} a")]

    app = Bare()
    async with app.run_test(size=NARROW) as pilot:
        view = app.query_one(LongView)
        view.show_blocks(build, 10_000)
        for turn_back, by in ((view.action_end, (-1,)), (view.action_go, (0, -1)), (view.action_page, (-1,))):
            view.action_end(1)
            assert max(built) < 3 * AHEAD
            turn_back(*by)
            await quiet(pilot)
            assert text_of(view.lines[0]) == "0 a"
            assert max(built) < 5_000
        view.action_end(1)
        await quiet(pilot)
        assert text_of(view.lines[-1]) == "9999 a"


@pytest.mark.parametrize("new", [1, 3, 400])
async def test_what_one_reads_stays_in_place_when_more_comes_at_the_top(new: int) -> None:
    def build(every: list[int], index: int) -> list[Line]:
        heading = [line("heading")] if index == 0 else []
        return [*heading, *(line(f"{every[index]}.{n}") for n in range(1 + every[index] % 3))]

    app = Bare()
    async with app.run_test(size=NARROW) as pilot:
        view = app.query_one(LongView)
        before = list(range(1000, 0, -1))
        view.show_blocks(lambda index: build(before, index), len(before))
        view.focus()
        await pilot.press("pagedown", "down")
        await pilot.pause()
        seen = view.lines
        after = [*range(1000 + new, 1000, -1), *before]
        view.show_blocks(lambda index: build(after, index), len(after), above=new)
        await pilot.pause()
        assert view.lines == seen
        await pilot.press("G")
        await quiet(pilot)
        assert text_of(view.lines[-1]) == "1.1"


# The pane


async def test_older_events_are_read_once_and_not_at_every_picture() -> None:
    desk = Desk(500)
    async with cockpit(desk, size=NARROW) as (app, pilot):
        await press(pilot, "7")
        assert "500 events" in screen_text(app)
        for _ in range(5):
            desk.change(now=desk.picture.now + timedelta(seconds=1))
            await quiet(pilot)
        desk.happen(3)
        await quiet(pilot)
        assert "503 events" in screen_text(app)
        assert "event number 503" in screen_text(app)
        assert desk.asked == [0]


async def test_more_events_than_a_picture_holds_are_read_after_the_last_known_one() -> None:
    desk = Desk(50)
    async with cockpit(desk, size=NARROW) as (app, pilot):
        await press(pilot, "7")
        desk.happen(30)
        await quiet(pilot)
        assert desk.asked == [0, 50]
        assert "80 events" in screen_text(app)
        await press(pilot, "slash", *"60", "enter")
        assert "event number 60" in screen_text(app)


async def test_filters_are_keys_and_are_told_above_the_events() -> None:
    desk = Desk(400)
    async with cockpit(desk, size=NARROW) as (app, pilot):
        await press(pilot, "7", "t", "t")
        assert "kind order" in screen_text(app)
        assert "80 of 400 events" in screen_text(app)
        await press(pilot, "T")
        assert "kind plan" in screen_text(app)
        await press(pilot, "p", "p", "a")
        assert "plan plan3" in screen_text(app)
        assert "asset AAVE" in screen_text(app)
        await press(pilot, "0")
        assert "  400 events" in screen_text(app)
        await press(pilot, "slash", *"number 399")
        assert "1 of 400 events" in screen_text(app)
        await press(pilot, "escape")
        assert "  400 events" in screen_text(app)
        await press(pilot, "slash", *"nowhere", "enter")
        assert "0 of 400 events" in screen_text(app)
        await press(pilot, "c")
        assert desk.written == []
        assert "No event is shown" in screen_text(app)
        await press(pilot, "escape")
        assert "  400 events" in screen_text(app)


async def test_what_is_shown_is_what_is_written(tmp_path: Path) -> None:
    desk = Desk(60)
    async with cockpit(desk, size=NARROW, directory=tmp_path) as (app, pilot):
        await press(pilot, "7", "t", "c")
        assert "12 events written to" in screen_text(app)
        await press(pilot, "0", "C")
    plans = [row.seq for row in reversed(desk.events) if row.kind is JournalKind.PLAN]
    assert desk.written == [(plans, "csv"), ([row.seq for row in reversed(desk.events)], "toml")]


async def test_exact_numbers_stand_on_a_wide_screen_and_come_by_key_on_a_narrow_one() -> None:
    for size, first in ((NARROW, False), (WIDE_SCREEN, True)):
        async with cockpit(Desk(20), size=size) as (app, pilot):
            await press(pilot, "7")
            assert ("quantity 1,250.5" in screen_text(app)) is first
            await press(pilot, "v")
            assert ("quantity 1,250.5" in screen_text(app)) is not first


async def test_events_that_cannot_be_read_are_told_and_the_newest_stay() -> None:
    desk = Desk(500)
    desk.broken = True
    async with cockpit(desk, size=NARROW) as (app, pilot):
        await press(pilot, "7")
        shown = " ".join(screen_text(app).split())
        assert "10 events" in shown
        assert "the older ones cannot be read: the disk is gone" in shown
        assert "event number 500" in shown
        await press(pilot, "c")
        assert len(desk.written[0][0]) == 10


async def test_a_journal_without_events_and_one_without_a_store_say_so() -> None:
    empty = Desk(0)
    async with cockpit(empty, size=NARROW) as (app, pilot):
        await press(pilot, "7")
        assert "Nothing has happened yet." in screen_text(app)
        empty.change(store_progress=Progress(stage=Stage.FAILED, message="the store is locked"))
        await quiet(pilot)
        assert "the store is locked" in screen_text(app)
        assert app.query_one(JournalView).display
