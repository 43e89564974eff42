"""A journal file gives every event back, in a spreadsheet as in a program, and never runs anything."""

import csv
import io
import locale
import tomllib
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.files.journal_file import HEAD, JournalFile, export_journal, journal_csv, journal_toml
from cockpit.model.errors import BadInput
from cockpit.model.journal import JournalKind, JournalRow

NOON = datetime(2026, 3, 4, 12, 0, 0, 250_000, tzinfo=UTC)
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)
NUMBER = st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=-(10**9), max_value=10**9).map(
    lambda value: format(value, "f")
)
EVENTS = st.lists(
    st.builds(
        JournalRow,
        seq=st.integers(1, 10**9),
        at=st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001
        book=TEXT,
        kind=st.sampled_from(JournalKind),
        message=TEXT,
        revision=st.integers(0, 10**6),
        plan_id=st.none() | TEXT.filter(bool),
        step=st.none() | st.integers(0, 99),
        data=st.dictionaries(TEXT.filter(bool), (TEXT | NUMBER).filter(bool), max_size=4),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda row: row.seq,
)


def event(seq: int = 1, **fields: object) -> JournalRow:
    made = {"at": NOON, "book": "Hundred thousand", "kind": JournalKind.FILL, "message": "bought 1 UNI"} | fields
    return msgspec.convert({"seq": seq, **made}, JournalRow)


def read_csv(text: str) -> list[dict[str, str]]:
    """As a program reads it: what the mark protects is undone."""
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    return [{bare(key): bare(cell) for key, cell in row.items()} for row in reader]


def bare(cell: str) -> str:
    return cell.removeprefix("'")


@given(EVENTS)
def test_a_csv_gives_every_event_back(rows: list[JournalRow]) -> None:
    found = read_csv(journal_csv(rows))
    assert len(found) == len(rows)
    for cells, row in zip(found, sorted(rows, key=lambda row: row.seq), strict=True):
        assert datetime.fromisoformat(cells["at"]) == row.at
        assert (int(cells["seq"]), cells["book"], cells["kind"], cells["message"]) == (row.seq, row.book, row.kind, row.message)
        assert (int(cells["revision"]), cells["plan_id"]) == (row.revision, row.plan_id or "")
        assert cells["step"] == ("" if row.step is None else str(row.step))
        assert {key.removeprefix("data."): cell for key, cell in cells.items() if key not in HEAD and cell} == row.data


@given(EVENTS)
def test_no_cell_can_be_read_as_a_formula_and_every_number_stays_one(rows: list[JournalRow]) -> None:
    numbers = 0
    for row in csv.reader(io.StringIO(journal_csv(rows), newline="")):
        for cell in row:
            if cell.lstrip(" ")[:1] in {*"=+-@\t\r\n＝＋－＠"}:
                assert Decimal(cell).is_finite()
                numbers += 1
    assert numbers >= sum(value.startswith("-") for row in rows for value in row.data.values() if is_number(value))


def is_number(text: str) -> bool:
    return text.removeprefix("-").replace(".", "", 1).isdecimal() and text.isascii() and not text.endswith(".")


@given(EVENTS)
def test_a_toml_gives_every_event_back(rows: list[JournalRow]) -> None:
    found = msgspec.convert(tomllib.loads(journal_toml(rows)), JournalFile)
    assert found == JournalFile(events=tuple(sorted(rows, key=lambda row: row.seq)))
    assert found.schema == 1


@pytest.mark.parametrize(
    ("written", "cell"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("+1", "'+1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("-cmd|' /C calc'!A0", "'-cmd|' /C calc'!A0"),
        ("\t=1", "'\t=1"),
        (" =1", "' =1"),
        ("－1", "'－1"),
        ("-5.00", "-5.00"),
        ("-5.00e3", "'-5.00e3"),
        ("'quoted", "''quoted"),
        ("a=b", "a=b"),
    ],
)
def test_what_a_spreadsheet_would_run_is_marked_and_numbers_are_not(written: str, cell: str) -> None:
    # The leading characters are those of OWASP's note on CSV injection.
    text = journal_csv([event(message=written, data={"amount": written})])
    row = list(csv.reader(io.StringIO(text, newline="")))[1]
    assert row[HEAD.index("message")] == cell
    assert row[-1] == cell


def test_lines_end_as_rfc_4180_says_and_breaks_inside_a_cell_are_quoted() -> None:
    text = journal_csv([event(1, message='two\nlines, "quoted"'), event(2)])
    assert text.startswith("seq,at,book,kind,message,revision,plan_id,step\r\n")
    assert text.endswith("\r\n")
    assert '"two\nlines, ""quoted"""' in text
    assert text.count("\r\n") == 3


def test_times_are_utc_whatever_zone_they_came_in() -> None:
    there = NOON.astimezone(timezone(timedelta(hours=9)))
    assert "2026-03-04T12:00:00.250000Z" in journal_csv([event(at=there)])
    assert "at = 2026-03-04T12:00:00.250000Z" in journal_toml([event(at=there)])


def test_a_locale_changes_nothing() -> None:
    rows = [event(data={"amount": "-1234567.5"})]
    before = journal_csv(rows), journal_toml(rows)
    known = locale.setlocale(locale.LC_ALL)
    for name in ("de_DE.UTF-8", "fr_FR.UTF-8", "C"):
        try:
            locale.setlocale(locale.LC_ALL, name)
        except locale.Error:
            continue
        try:
            assert (journal_csv(rows), journal_toml(rows)) == before
        finally:
            locale.setlocale(locale.LC_ALL, known)
    assert "-1234567.5" in before[0]


def test_every_file_is_new(tmp_path: Path) -> None:
    first = export_journal([event(1), event(2)], "csv", tmp_path)
    second = export_journal([event(1)], "csv", tmp_path)
    third = export_journal([event(1)], "toml", tmp_path)
    assert [path.name for path in (first, second, third)] == [
        "journal-Hundred-thousand-20260304-120000.csv",
        "journal-Hundred-thousand-20260304-120000-2.csv",
        "journal-Hundred-thousand-20260304-120000.toml",
    ]
    assert first.read_bytes().decode("utf-8") == journal_csv([event(1), event(2)])
    assert len(list(tmp_path.iterdir())) == 3


def test_a_name_of_a_portfolio_never_leaves_the_folder(tmp_path: Path) -> None:
    path = export_journal([event(book="../../etc/=cmd")], "toml", tmp_path)
    assert path.parent == tmp_path
    assert path.name.startswith("journal-etc-cmd-")


@pytest.mark.parametrize(("rows", "form", "sentence"), [([], "csv", "no event"), ([event()], "xlsx", "csv or toml")])
def test_nothing_to_write_and_an_unknown_form_are_told(rows: list[JournalRow], form: str, sentence: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=sentence):
        export_journal(rows, form, tmp_path)
    assert not list(tmp_path.iterdir())
