"""The files that ship are found in a checkout and in an installed package, and the samples are what they say."""

import shutil
import subprocess
import sys
from decimal import Decimal
from pathlib import Path

import pytest

import cockpit
from cockpit.files.portfolio import dump_portfolio, load_portfolio, parse_portfolio
from cockpit.files.settings import load_universe
from cockpit.files.shipped import sample_portfolio, sample_portfolios, shipped
from cockpit.model.assets import Sector
from cockpit.model.book import Book
from cockpit.model.errors import BadInput
from cockpit.model.instruments import QUOTE

UNIVERSE = load_universe(shipped("universe.toml"))


def sample(name: str) -> Book:
    return load_portfolio(sample_portfolio(name), UNIVERSE)


def value(book: Book, sector: Sector | None = None) -> Decimal:
    """Spot value at pinned prices."""
    prices = {QUOTE: Decimal(1), **book.pinned_prices}
    held = ((asset, q) for account in book.accounts for asset, q in account.spot.items())
    return sum((q * prices[a] for a, q in held if sector is None or UNIVERSE.sector(a, book.sectors) is sector), Decimal(0))


@pytest.mark.parametrize("path", sample_portfolios(), ids=lambda path: path.stem)
def test_every_sample_is_a_portfolio_with_a_price_for_everything(path: Path) -> None:
    book = load_portfolio(path, UNIVERSE)
    assert set(book.assets()) <= {QUOTE, *book.pinned_prices}
    assert parse_portfolio(dump_portfolio(book), source="x") == book


def test_the_samples_that_were_promised_ship() -> None:
    promised = {"hundred_thousand", "small", "futures_heavy", "two_venues", "all_stables", "unmapped"}
    assert promised <= {path.stem for path in sample_portfolios()}


def test_hundred_thousand_is_the_blueprints_example() -> None:
    book = sample("hundred_thousand")
    (account,) = book.accounts
    assert account.spot == {"USDT": Decimal(35000), "ETH": Decimal(10), "UNI": Decimal(1250), "AAVE": Decimal(50)}
    assert account.futures_wallet == 0
    assert not account.positions
    assert [value(book, s) for s in (Sector.L1, Sector.DEFI, Sector.STABLE)] == [40000, 25000, 35000]


def test_small_is_worth_two_thousand() -> None:
    assert value(sample("small")) == 2000


def test_futures_heavy_breaks_two_rules_and_no_stop_is_missing() -> None:
    book = sample("futures_heavy")
    (account,) = book.accounts
    nav = value(book) + account.futures_wallet  # every position stands at its entry price
    assert all(p.entry_price == book.pinned_prices[p.asset] and p.stop_price for p in account.positions)
    assert account.futures_wallet / nav > Decimal("0.5")
    assert value(book, Sector.STABLE) / nav < Decimal("0.05")
    assert all(p.leverage <= 3 for p in account.positions)


def test_two_venues_has_two() -> None:
    assert len({account.venue for account in sample("two_venues").accounts}) == 2


def test_all_stables_holds_nothing_else() -> None:
    book = sample("all_stables")
    assert value(book, Sector.STABLE) == value(book) > 0


def test_unmapped_holds_what_nobody_classified() -> None:
    book = sample("unmapped")
    unknown = {asset for asset in book.assets() if UNIVERSE.sector(asset, book.sectors) is Sector.UNCLASSIFIED}
    assert unknown == {"WIF", "NAN", "NULL", "1000SATS"}
    assert book.name == "Unmapped [/] & co"


def test_an_unknown_sample_is_refused_with_those_there_are() -> None:
    with pytest.raises(BadInput, match="there is no sample portfolio 'none'; there are all_stables, futures_heavy"):
        sample_portfolio("none")


def test_the_folders_are_found_where_a_wheel_puts_them(tmp_path: Path) -> None:
    package = Path(cockpit.__file__).parent
    installed = tmp_path / "site-packages" / "cockpit"
    shutil.copytree(package, installed, ignore=shutil.ignore_patterns("__pycache__", "ui", "signals"))
    for folder in ("sample_portfolios", "themes"):
        shutil.copytree(package.parent / folder, installed / folder)
    code = "from cockpit.files.shipped import *; print(sample_portfolio(), shipped_themes())"
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=installed.parent, capture_output=True, text=True, check=True, env={"PYTHONPATH": "."}
    )
    assert run.stdout.split() == [str(installed / "sample_portfolios" / "hundred_thousand.toml"), str(installed / "themes")]


def test_reading_files_needs_nothing_heavy() -> None:
    code = (
        "import sys\n"
        "from cockpit.files import atomic, config, keymap, paths, plan_file, portfolio, settings, shipped, strategies, themes\n"
        "print([name for name in ('pandas', 'numpy', 'sqlalchemy', 'textual', 'ccxt', 'plotext') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"
