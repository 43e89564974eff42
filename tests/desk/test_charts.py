"""What a desk tells its screens over time: targets with bands, the rotation map, histories, the first start."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from cockpit.desk import Desk
from cockpit.execution.looks import JOURNAL_ROWS
from cockpit.model.assets import Sector
from cockpit.model.errors import BadInput, CockpitError
from cockpit.model.journal import JournalKind
from cockpit.model.picture import Picture
from tests.desk.driving import desk_on, session_of


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    opened = desk_on("hundred_thousand", tmp_path_factory.mktemp("desk"))
    opened.open_store()
    opened.load_signals()
    yield opened
    opened.close()


@pytest.fixture(scope="module")
def picture(desk: Desk) -> Picture:
    return desk.picture


def test_the_picture_has_targets_with_their_bands_and_they_stay_with_every_tick(desk: Desk, picture: Picture) -> None:
    assert sum(picture.target_weights.values()) == 1
    assert set(picture.bands) == {Sector.L1, Sector.DEFI}
    assert all(0 < band <= picture.target_weights[sector] for sector, band in picture.bands.items())
    later = desk.tick()
    assert (later.target_weights, later.bands) == (picture.target_weights, picture.bands)


def test_every_reading_has_a_note_and_every_asset_on_the_map_its_sector(picture: Picture) -> None:
    assert {reading.indicator for reading in picture.readings} <= set(picture.notes)
    assert [trail.subject for trail in picture.trails[:2]] == ["L1", "DEFI"]
    for trail in picture.trails[2:]:
        assert trail.sector is picture.sectors[trail.subject]


def test_the_days_of_the_sectors_end_with_the_day_of_the_call(picture: Picture) -> None:
    assert picture.call is not None
    assert {series.days[-1] for series in picture.sector_days} == {picture.call.day}


def test_a_history_is_asked_for_by_name(desk: Desk, picture: Picture) -> None:
    assert picture.call is not None
    series = desk.series("rsi", "UNI", 30)
    assert (len(series.days), series.days[-1]) == (30, picture.call.day)
    closes = desk.price_history("UNI", 30)
    assert closes.days == series.days
    assert desk.price_history("USDT", 30).closes == ()
    with pytest.raises(BadInput, match="no rsi of NOPE"):
        desk.series("rsi", "NOPE", 30)


def test_only_the_first_opening_of_a_book_is_a_first_start(tmp_path: Path) -> None:
    seen = []
    for fresh in (False, False, True):
        desk = desk_on("hundred_thousand", tmp_path, fresh=fresh)
        opened = desk.open_store()
        seen.append((opened.first_start, opened.absence is not None, [notice.split()[2] for notice in opened.notices]))
        desk.close()
    assert seen == [(True, False, []), (False, True, []), (False, False, ["started"])], "the greeting stands alone at first"


def test_the_whole_journal_is_asked_for_and_the_picture_holds_its_newest_part(tmp_path: Path) -> None:
    desk = desk_on("hundred_thousand", tmp_path)
    try:
        with pytest.raises(CockpitError, match="not open yet"):
            desk.journal()
        desk.open_store()
        session = session_of(desk)
        with session._store.begin(session.name) as unit:
            for number in range(JOURNAL_ROWS):
                unit.journal(JournalKind.PROBLEM, f"problem {number}")
        shown, every = desk.tick().journal, desk.journal()
        assert len(shown) == JOURNAL_ROWS < len(every)
        assert every[-len(shown) :] == shown
        assert [row.seq for row in every] == sorted({row.seq for row in every})
        assert desk.journal(after=shown[-3].seq) == shown[-2:]
        path = desk.export_journal(every, "csv", tmp_path)
        assert len(path.read_text("utf-8").splitlines()) == len(every) + 1
    finally:
        desk.close()
