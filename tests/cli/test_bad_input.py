"""Whatever is wrong with what it is given, the command line says so in one sentence, with the exit code that programs rely on."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.cli.running import SAMPLES, WORKED, Cockpit, refused
from tests.unprivileged import open_folder, ordinary_user

HEAD = 'schema = 1\nname = "Held"\n'
ACCOUNT = '[[account]]\nid = "main"\nvenue = "paper"\nspot = {{ {spot} }}\nfutures_wallet = "0"\n'


def held(**spot: str) -> str:
    """A portfolio of one account."""
    return HEAD + ACCOUNT.format(spot=", ".join(f'{asset} = "{quantity}"' for asset, quantity in spot.items()))


# Flags


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (("fly",), "No such command"),
        (("plan", "--fly"), "--fly"),
        (("--fly",), "--fly"),
        (("plan", "--mode", "fast"), "--mode"),
        (("show",), "PLAN.toml"),
        (("apply",), "PLAN.toml"),
        (("journal", "--limit", "0"), "--limit"),
        (("phase", "--seed", "x"), "--seed"),
        (("--portfolio", "x.toml", "plan"), "belongs behind the verb"),
        (("--as-of", "soon"), "is not a date"),
        (("--refresh", "0.1"), "write seconds from 0.2 to 60"),
        (("run", "--refresh", "61"), "write seconds from 0.2 to 60"),
        (("--refresh", "nan"), "--refresh 'nan' is not a number"),
        (("phase", "--as-of", "2021-02-30"), "write it as 2021-08-20"),
        (("phase", "--as-of", "2021-08-20"), "the simulated market has only today"),
        (("phase", "--market", "imaginary"), "there is no such market"),
        (("phase", "--market", "recorded:"), "names no folder"),
        (("phase", "--market", "recorded:nowhere"), "is not a folder"),
        (("phase", "--market", "live", "--as-of", "2021-08-20"), "the live market has only today"),
        (("phase", "--market", "live", "--seed", "3"), "only the simulated market has one"),
        (("phase", "--market", "recorded:nowhere", "--seed", "3"), "only the simulated market has one"),
        (("plan", "--portfolio", "nowhere.toml"), "does not exist"),
        (("plan", "--strategy", "Z"), "there is no strategy"),
        (("plan", "--strategy", "B", "--preset", "none"), "no preset"),
        (("plan", "--strategy", "B", "--leverage", "0"), "leverage 0"),
        (("plan", "--strategy", "B", "--leverage", "NaN"), "is not a number"),
        (("plan", "--strategy", "B", "--leverage", "1e999999"), "is not a number"),
        (("plan", "--strategy", "B", "--hedge-ratio", "-1"), "hedge ratio -1"),
        (("plan", "--strategy", "B", "--hedge-ratio", "Infinity"), "is not a number"),
        (("plan", "--strategy", "B", "--tranche", "0"), "tranche 0"),
        (("plan", "--strategy", "B", "--tranche", "1.1"), "tranche 1.1"),
        (("phase", "--score", "nowhere.csv"), "nowhere.csv"),
        (("show", "nowhere.toml"), "does not exist"),
        (("apply", "nowhere.toml"), "does not exist"),
        (("journal", "--store", "ftp://host/x"), "only SQLite and PostgreSQL"),
        (("journal",), "does not exist yet"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_a_wrong_flag_is_one_sentence(args: tuple[str, ...], said: str, cockpit: Cockpit) -> None:
    assert said in refused(cockpit(*args), 2)
    assert cockpit.left_behind == []


def test_leverage_above_the_limit_is_a_rule(cockpit: Cockpit) -> None:
    assert "leverage_max" in refused(cockpit("plan", "--strategy", "B", "--leverage", "126"), 3)


# Files


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "schema"),
        ("not toml at all", "line 1"),
        (held(ETH="-1"), "ETH"),
        (held(ETH="NaN"), "ETH"),
        (held(ETH="1") + '[prices]\nETH = "0"\n', "ETH"),
        (held(ETH="1") + '[prices]\nETH = "NaN"\n', "ETH"),
        (held(ETH="1") + "[prices]\nETH = 1\n", "ETH"),
        (held(ETH="1") + "colour = 1\n", "colour"),
        (held(ETH="1") * 2, "schema"),
        (held(ETH="1") + ACCOUNT.format(spot='ETH = "1"'), "main"),
    ],
)
def test_a_portfolio_that_cannot_be_used_is_named_with_its_key(text: str, said: str, cockpit: Cockpit) -> None:
    path = cockpit.portfolio(text)
    sentence = refused(cockpit("plan", "--portfolio", path, "--strategy", "B"), 2)
    assert path.name in sentence
    assert said in sentence


@pytest.mark.parametrize(
    ("symbol", "leverage", "said"),
    [
        ("ETH/USD:ETH", "2", "symbol"),
        ("ETH/USDT", "2", "symbol"),
        ("ETH/USDT:USDT", "0", "leverage"),
        ("ETH/USDT:USDT", "126", "leverage"),
    ],
)
def test_a_position_that_cannot_be_traded_is_refused(symbol: str, leverage: str, said: str, cockpit: Cockpit) -> None:
    position = f'[[account.position]]\nsymbol = "{symbol}"\nside = "short"\nquantity = "1"\nentry_price = "4000"\n'
    path = cockpit.portfolio(held(ETH="1") + position + f'leverage = "{leverage}"\n')
    assert said in refused(cockpit("plan", "--portfolio", path, "--strategy", "B"), 2)


@pytest.mark.parametrize("verb", ["show", "apply"])
@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("schema = 1", "schema = 2", "schema"),
        ('quantity = "2.5"', 'quantity = "-2.5"', "quantity"),
        ('quantity = "2.5"', 'quantity = "NaN"', "quantity"),
        ('action = "open_short"', 'action = "opn_short"', "action"),
        ('symbol = "ETH/USDT:USDT"', 'symbol = "ETH/USD:ETH"', "symbol"),
        ('leverage = "2"', 'lever = "2"', "lever"),
        ('asset = "ETH"', 'asset = "\\u001b[31mETH"', "asset"),
    ],
)
def test_a_plan_that_cannot_be_read_is_refused_with_its_key(verb: str, old: str, new: str, said: str, cockpit: Cockpit) -> None:
    path = cockpit.worked_plan()
    text = path.read_text("utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), "utf-8")
    sentence = refused(cockpit(verb, path), 2)
    assert path.name in sentence
    assert said in sentence
    assert cockpit.left_behind == []


@pytest.fixture
def open_cockpit(monkeypatch: pytest.MonkeyPatch) -> Iterator[Cockpit]:
    """The command line in a folder that every user may enter."""
    with open_folder() as folder:
        yield Cockpit(folder, monkeypatch)
        monkeypatch.chdir("/")


def test_a_file_that_may_not_be_read_is_refused(open_cockpit: Cockpit) -> None:
    path = open_cockpit.portfolio(held(ETH="1"))
    path.chmod(0)
    with ordinary_user():
        ended = open_cockpit("plan", "--portfolio", path, "--strategy", "B")
    sentence = refused(ended, 2)
    assert "portfolio.toml" in sentence
    assert "may not be read" in sentence


def test_a_folder_that_may_not_be_written_keeps_the_plan_from_its_file(open_cockpit: Cockpit) -> None:
    open_cockpit.folder.chmod(0o555)
    with ordinary_user():
        ended = open_cockpit(*WORKED, "--out", "plan.toml")
    assert "may not be written" in refused(ended, 2)
    assert list(open_cockpit.folder.iterdir()) == []


def test_a_state_folder_that_cannot_be_made_sends_nothing(open_cockpit: Cockpit) -> None:
    plan = open_cockpit.worked_plan()
    plan.chmod(0o444)
    open_cockpit.folder.chmod(0o555)
    with ordinary_user():
        ended = open_cockpit("apply", plan, "--portfolio", SAMPLES["hundred_thousand"], answers="yes\n")
    assert "xdg_state_home" in refused(ended, 2)
    assert open_cockpit.left_behind == []


# A full disk: writing fails as on one, for a process whose files may not grow


def full_disk(cockpit: Cockpit, *args: str, limit: int = 0) -> tuple[int, str, str]:
    """Run a process that may write no file above `limit` bytes."""
    code = (
        "import resource, signal\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        f"resource.setrlimit(resource.RLIMIT_FSIZE, ({limit}, {limit}))\n"
        "from cockpit.cli import main\nmain()"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, *args],
        capture_output=True,
        text=True,
        check=False,
        input="yes\n" * 6,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"},
        timeout=120,
    )
    return done.returncode, done.stdout, done.stderr


def test_a_full_disk_leaves_no_half_plan(cockpit: Cockpit) -> None:
    code, out, err = full_disk(cockpit, *WORKED, "--out", "plan.toml")
    assert (code, out) == (2, "")
    assert "full" in err
    assert len(err.splitlines()) == 1
    assert list(cockpit.folder.iterdir()) == []


def test_a_full_disk_keeps_the_store_from_opening_in_one_sentence(cockpit: Cockpit) -> None:
    plan = cockpit.worked_plan()
    code, _, err = full_disk(cockpit, "apply", str(plan), "--portfolio", SAMPLES["hundred_thousand"])
    assert code == 2
    assert "store" in err
    assert len(err.splitlines()) == 1, err


def test_a_disk_that_fills_up_in_the_middle_loses_no_step(cockpit: Cockpit) -> None:
    """Afterwards, with room again, the plan goes on: every step once, every stop there."""
    plan = cockpit.worked_plan()
    portfolio = ("--portfolio", SAMPLES["hundred_thousand"])
    cockpit("apply", plan, *portfolio, answers="no\n")
    size = max(path.stat().st_size for path in Path(cockpit.variables["XDG_STATE_HOME"]).rglob("*") if path.is_file())
    code, _, err = full_disk(cockpit, "apply", str(plan), *portfolio, limit=size + 4096)
    assert code != 0
    assert "Traceback" not in err
    ended = cockpit("apply", plan, *portfolio, answers="yes\n" * 6)
    assert ended.code == 0, ended.err
    rows = cockpit("journal", "--json").json
    assert [row["step"] for row in rows if row["kind"] == "fill"] == [2, 4, 6]
    assert [row["step"] for row in rows if row["kind"] == "stop"] == [2, 4, 6]


# The store


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Another program writes to the store and does not finish."""
    other = sqlite3.connect(path, isolation_level=None)
    try:
        other.execute("BEGIN EXCLUSIVE")
        yield
        other.execute("ROLLBACK")
    finally:
        other.close()


@pytest.mark.parametrize("content", [b"no database" * 500, b"SQLite format 3\x00" + b"\xff" * 5000], ids=["other", "torn"])
def test_a_corrupt_store_is_named_and_left_as_it_is(content: bytes, cockpit: Cockpit) -> None:
    plan = cockpit.worked_plan()
    store = cockpit.folder / "store.db"
    store.write_bytes(content)
    flags = ("--store", f"sqlite:///{store}")
    assert "store.db" in refused(cockpit("apply", plan, "--portfolio", SAMPLES["hundred_thousand"], *flags, answers="yes\n"), 2)
    assert "store.db" in refused(cockpit("journal", *flags), 2)
    assert store.read_bytes() == content


def test_a_locked_store_is_said_and_sends_nothing(cockpit: Cockpit) -> None:
    plan = cockpit.worked_plan()
    flags = ("--portfolio", SAMPLES["hundred_thousand"])
    cockpit("apply", plan, *flags, answers="no\n")
    (store,) = Path(cockpit.variables["XDG_STATE_HOME"]).rglob("store.db")
    with locked(store):
        ended = cockpit("apply", plan, *flags, answers="yes\n")
    assert ended.code == 2, ended.out
    assert "store" in ended.err
    assert len(ended.err.splitlines()) == 1
    assert [row["kind"] for row in cockpit("journal", "--json").json if row["kind"] == "confirmed"] == []


# The market


def test_a_market_without_a_price_of_what_is_held_exits_4(cockpit: Cockpit) -> None:
    portfolio = cockpit.portfolio(held(USDT="1000", ETH="1", UNI="10"))
    market = cockpit.market(prices="date,BTC,ETH\n2021-08-19,45000,3000\n2021-08-20,46000,3100\n")
    sentence = refused(cockpit("plan", "--portfolio", portfolio, "--market", market, "--strategy", "B"), 4)
    assert "no price of UNI" in sentence
    assert "[prices]" in sentence


def test_prices_of_last_week_exit_4(cockpit: Cockpit) -> None:
    """Every price that a trade would need is days old: valued still, traded never."""
    portfolio = cockpit.portfolio(held(USDT="1000", ETH="1", UNI="10"))
    rows = "date,BTC,ETH,UNI\n2021-08-14,45000,3000,27\n2021-08-15,45000,3010,28\n2021-08-20,46000,,\n"
    market = cockpit.market(prices=rows)
    sentence = refused(cockpit("plan", "--portfolio", portfolio, "--market", market, "--strategy", "B", "--mode", "spot"), 4)
    assert "ETH" in sentence or "UNI" in sentence
    gone = cockpit.market("gone", prices=rows.replace("2021-08-14", "2021-08-01").replace("2021-08-15", "2021-08-02"))
    assert "no price" in refused(cockpit("plan", "--portfolio", portfolio, "--market", gone, "--strategy", "B"), 4)


def test_auto_without_a_phase_exits_4_and_says_how_to_go_on(cockpit: Cockpit) -> None:
    market = cockpit.market(prices="date,BTC,ETH,UNI\n2021-08-19,45000,3000,27\n2021-08-20,46000,3100,28\n")
    sentence = refused(cockpit("plan", "--portfolio", SAMPLES["hundred_thousand"], "--market", market), 4)
    assert "UNDETERMINED" in sentence
    assert "name a strategy yourself" in sentence
    assert cockpit("phase", "--market", market).code == 0


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ("", "is empty"),
        ("date,ETH\n2021-08-20,-1\n", "line 2, column ETH"),
        ("date,ETH\n2021-08-20,1\n2021-08-19,1\n", "out of order"),
        ("date,[/]\n2021-08-20,1\n", "column 2"),
    ],
)
def test_a_recorded_market_with_a_bad_table_is_refused(rows: str, said: str, cockpit: Cockpit) -> None:
    assert said in refused(cockpit("phase", "--market", cockpit.market(prices=rows)), 2)


def test_a_folder_without_prices_is_refused(cockpit: Cockpit) -> None:
    assert "prices.csv" in refused(cockpit("phase", "--market", cockpit.market(tvl="date,ETH\n2021-08-20,1\n")), 2)


def test_a_day_outside_of_the_market_names_its_days(cockpit: Cockpit) -> None:
    market = cockpit.market(prices="date,BTC,ETH\n2021-08-19,45000,3000\n2021-08-20,46000,3100\n")
    for day in ("2021-08-18", "2021-08-21"):
        assert "runs from 2021-08-19 to 2021-08-20" in refused(cockpit("phase", "--market", market, "--as-of", day), 2)
    assert cockpit("phase", "--market", market, "--as-of", "2021-08-19").code == 0


def test_holes_lower_quality_and_break_nothing(cockpit: Cockpit) -> None:
    days = [f"2021-0{month}-{day:02}" for month in range(1, 8) for day in range(1, 29)]
    rows = ["date,BTC,ETH,SOL,UNI,AAVE"]
    for number, day in enumerate(days):
        cells = [40000 + 10 * number, 3000 + number, 100 + number / 5, 20 + number / 50, 200 + number / 4]
        rows.append(
            f"{day}," + ",".join("" if (number + column) % 11 == 0 else f"{cell:.2f}" for column, cell in enumerate(cells))
        )
    whole = [row.replace(",,", ",1,") for row in rows]
    assert whole != rows
    market = cockpit.market(prices="\n".join(rows) + "\n")
    found = cockpit("signals", "--market", market, "--json")
    assert found.code == 0
    assert {reading["quality"] for reading in found.json["readings"]} != {1.0}
    assert cockpit("phase", "--market", market, "--history").code == 0
