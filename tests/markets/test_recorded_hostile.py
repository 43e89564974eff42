"""Folders that cannot be used are refused in one sentence that names file, line, column and what to do."""

import os
from datetime import date
from pathlib import Path

import pytest

from cockpit.markets.recorded import RecordedFeed
from cockpit.model.assets import Universe
from cockpit.model.errors import BadInput
from cockpit.model.text import is_safe
from tests.markets.conftest import PRICES, MakeFolder

HEAD = "date,ETH,UNI\n"
PRINT = "time,asset,rate,interval_hours\n"


def refusal(folder: Path, universe: Universe, as_of: date | None = None) -> str:
    """What is said when the folder is opened, asked for quotes and for its history."""

    def use() -> None:
        feed = RecordedFeed(folder, as_of=as_of, universe=universe)
        feed.snapshot(["ETH", "UNI"])
        feed.history()

    with pytest.raises(BadInput) as refused:
        use()
    said = str(refused.value)
    assert is_safe(said)
    assert len(said) < 700
    return said


@pytest.mark.parametrize(
    ("prices", "said"),
    [
        ("", "is empty"),
        ("\n\n", "is empty"),
        (HEAD, "has no row"),
        ("day,ETH\n2021-08-20,1\n", "there is no column date"),
        ("ETH,date\n1,2021-08-20\n", "the first column must be date"),
        ("date,ETH,ETH\n2021-08-20,1,2\n", "column ETH is there twice"),
        ("date,ETH,\n2021-08-20,1,2\n", "column 3 has no name"),
        ("date,ETH/USDT\n2021-08-20,1\n", "column 2"),
        ("date,[/]\n2021-08-20,1\n", "column 2"),
        ("date,E\x1b[31mTH\n2021-08-20,1\n", "column 2"),
        ("date,E\u202eTH\n2021-08-20,1\n", "column 2"),
        ("date,E\u200bTH\n2021-08-20,1\n", "column 2"),
        (HEAD + "2021-08-20,0,1\n", 'prices.csv: line 2, column ETH: "0" is not above 0'),
        (HEAD + "2021-08-20,1,-3\n", 'line 2, column UNI: "-3" is not above 0'),
        (HEAD + "2021-08-20,NaN,1\n", 'line 2, column ETH: "NaN" is not a number; leave the cell empty'),
        (HEAD + "2021-08-20,inf,1\n", "column ETH"),
        (HEAD + "2021-08-20,1e999,1\n", "column ETH"),
        (HEAD + "2021-08-20,1_000,1\n", "column ETH"),
        (HEAD + '2021-08-20,"1,000",1\n', "column ETH"),
        (HEAD + "2021-08-20,١,1\n", "column ETH"),
        (HEAD + "2021-08-20,\x1b]8;;evil\x07,1\n", "column ETH"),
        (HEAD + "2021-08-20,1\n", "line 2: has 2 cells, the header has 3"),
        (HEAD + "2021-08-20,1,2,3\n", "line 2: has 4 cells, the header has 3"),
        (HEAD + '2021-08-20,"1,2\n', "line 2: is not CSV"),
        (HEAD + "20.08.2021,1,2\n", 'line 2: date "20.08.2021" is not a day such as 2021-08-20'),
        (HEAD + "2021-02-30,1,2\n", "is not a day"),
        (HEAD + "20210820,1,2\n", "is not a day"),
        (HEAD + "9999-12-31,1,2\n", "is not a day"),
        (HEAD + "0001-01-01,1,2\n", "is not a day"),
        (HEAD + "2021-08-20,1,2\n2021-08-19,1,2\n", "line 3: 2021-08-19 is out of order"),
        (HEAD + "2021-08-20,1,2\n\n2021-08-20,1,2\n", "line 4: 2021-08-20 is there twice"),
    ],
)
def test_bad_prices_are_refused(prices: str, said: str, folder: MakeFolder, universe: Universe) -> None:
    assert said in refusal(folder(prices=prices), universe)


def test_a_bad_price_of_long_ago_is_found_too(folder: MakeFolder, universe: Universe) -> None:
    rows = "".join(f"2021-08-{day:02},{-1 if day == 3 else day}\n" for day in range(1, 30))
    assert 'line 4, column ETH: "-1"' in refusal(folder(prices="date,ETH\n" + rows), universe)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("2021-08-20T16:00:00Z,ETH,x,8\n", "funding.csv: line 2, column rate"),
        ("2021-08-20T16:00:00Z,ETH,,8\n", "line 2, column rate"),
        ("2021-08-20T16:00:00Z,ETH,0.0001,0\n", "line 2, column interval_hours"),
        ("2021-08-20T16:00:00Z,ETH,0.0001,1e9\n", "line 2, column interval_hours"),
        ("2021-08-20T16:00:00,ETH,0.0001,8\n", "is not a time in UTC"),
        ("2021-08-20T16:00:00+02:00,ETH,0.0001,8\n", "is not a time in UTC"),
        ("2021-08-20 noon,ETH,0.0001,8\n", "is not a time in UTC"),
        ("2021-08-20T16:00:00Z,ETH,0.0001,8\n2021-08-20T16:00:00+00:00,ETH,0.0001,8\n", "is there twice"),
        ("2021-08-20T16:00:00Z,ETH,0.0001\n", "has 3 cells"),
    ],
)
def test_bad_funding_is_refused(rows: str, said: str, folder: MakeFolder, universe: Universe) -> None:
    assert said in refusal(folder(funding=PRINT + rows), universe)


@pytest.mark.parametrize("columns", ["time,asset,rate", "asset,time,rate,interval_hours"])
def test_funding_needs_its_columns(columns: str, folder: MakeFolder, universe: Universe) -> None:
    assert "funding.csv: line 1" in refusal(folder(funding=columns + "\n"), universe)


@pytest.mark.parametrize("table", ["market_caps", "tvl", "fees", "activity", "sentiment"])
def test_a_malformed_table_is_refused_by_its_name(table: str, folder: MakeFolder, universe: Universe) -> None:
    assert f"{table}.csv: line 2, column ETH" in refusal(folder(**{table: "date,ETH\n2021-08-20,oops\n"}), universe)


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        ("name = ", "is not TOML"),
        ("schema = 9", "schema"),
        ("name = 5", "name: must be text"),
        ('schema = "one"', "schema"),
        ("sources = 3", "sources: must be a table of texts"),
        ("[sources]\nprices = 3", "sources: must be a table of texts"),
    ],
)
def test_a_bad_manifest_is_refused(manifest: str, said: str, folder: MakeFolder, universe: Universe) -> None:
    assert said in refusal(folder(manifest=manifest), universe)


def test_a_hostile_name_is_shown_harmlessly(folder: MakeFolder, universe: Universe) -> None:
    feed = RecordedFeed(folder(manifest='name = "\\u001b[31mred\\u202e"\n'), universe=universe)
    assert feed.source == "recorded red"


def test_a_folder_that_is_none_is_refused(tmp_path: Path, universe: Universe) -> None:
    assert "is not a folder" in refusal(tmp_path / "nowhere", universe)
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert "is not a folder" in refusal(tmp_path / "file", universe)
    (tmp_path / "empty").mkdir()
    assert "prices.csv: does not exist" in refusal(tmp_path / "empty", universe)


def test_what_is_no_text_is_refused(folder: MakeFolder, universe: Universe) -> None:
    market = folder()
    (market / "prices.csv").write_bytes(b"date,ETH\n2021-08-20,\xff\xfe\n")
    assert "is not UTF-8 text (byte 21)" in refusal(market, universe)


def test_what_is_no_file_is_refused_without_waiting_for_it(folder: MakeFolder, universe: Universe) -> None:
    market = folder()
    (market / "tvl.csv").mkdir()
    assert "tvl.csv: is not a regular file" in refusal(market, universe)
    (market / "tvl.csv").rmdir()
    os.mkfifo(market / "funding.csv")
    assert "funding.csv: is not a regular file" in refusal(market, universe)


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may read everything")
def test_what_may_not_be_read_is_refused(folder: MakeFolder, universe: Universe) -> None:
    market = folder()
    (market / "prices.csv").chmod(0)
    assert "prices.csv: cannot be read" in refusal(market, universe)


def test_harmless_variations_are_read(folder: MakeFolder, universe: Universe) -> None:
    """A byte order mark, carriage returns, quoted cells, spaces, blank lines at the end, and numbers with an exponent."""
    market = folder(prices='\ufeffdate, ETH ,UNI\r\n"2021-08-19","3e3",1e-05\r\n2021-08-20, 3100 ,\r\n\r\n')
    feed = RecordedFeed(market, universe=universe)
    assert feed.snapshot(["ETH"]).price("ETH") == 3100
    assert feed.history().prices["UNI"].iloc[0] == 1e-05


def test_a_missing_column_only_lowers_what_is_known(folder: MakeFolder, universe: Universe) -> None:
    market = folder(prices=PRICES, market_caps="date,BTC\n2021-08-20,1000\n", activity="date\n2021-08-20\n")
    history = RecordedFeed(market, universe=universe).history()
    assert list(history.market_caps) == ["BTC"]
    assert history.activity.shape == (1, 0)
