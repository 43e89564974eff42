"""A newcomer's first file: written once, valid as it is and with every example in it taken up, and it opens."""

import re
import tomllib
from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.cli import main
from cockpit.files.portfolio import AccountEntry, PortfolioFile, PositionEntry, load_portfolio, parse_portfolio
from cockpit.files.settings import load_universe
from cockpit.files.starter import starter_text
from cockpit.model.book import Book, Side
from tests.cli.running import Cockpit, refused

EXAMPLE = re.compile(r"^#(?! |$)")
"""A line of an example: the mark, and no space behind it."""
BLOCKS = 5
"""A position, a second account, prices, sectors, what is excluded."""


def uncommented(text: str, *, only: int | None = None) -> str:
    """The text with every example taken up, or only one block of lines that stand together."""
    lines, block, inside = [], -1, False
    for line in text.splitlines():
        example = bool(EXAMPLE.match(line))
        block += example and not inside
        inside = example
        lines.append(line[1:] if example and only in (None, block) else line)
    return "\n".join(lines)


def read(text: str) -> Book:
    return parse_portfolio(text, source="portfolio.toml", universe=load_universe())


def test_the_file_can_be_used_as_it_is(cockpit: Cockpit) -> None:
    ended = cockpit("init", "my_first-book.toml")
    assert ended.code == 0
    book = load_portfolio(cockpit.folder / "my_first-book.toml", load_universe())
    assert book.name == "My first book"
    assert book.pinned_prices == {}
    assert cockpit("plan", "--portfolio", "my_first-book.toml", "--strategy", "A").code == 0


def test_with_every_example_taken_up_it_still_can() -> None:
    book = read(uncommented(starter_text("All of it")))
    assert [account.id for account in book.accounts] == ["main", "other"]
    (position,) = book.accounts[0].positions
    assert (position.side, position.margin, position.stop_price) == (Side.SHORT, Decimal(1000), Decimal(4480))
    assert book.pinned_prices["ETH"] == 4000
    assert book.excluded == ("LDO",)
    assert set(book.sectors) == {"RUNE"}


@pytest.mark.parametrize("block", range(BLOCKS))
def test_each_example_can_be_taken_up_alone(block: int) -> None:
    text = starter_text("One of it")
    taken = uncommented(text, only=block)
    assert read(taken) != read(text)
    assert uncommented(text, only=BLOCKS) == "\n".join(text.splitlines())


def test_there_is_an_example_of_every_key_that_a_portfolio_may_have() -> None:
    """margin is the one other way to say leverage, and stands in its comment."""
    text = uncommented(starter_text("All of it"))
    document = tomllib.loads(text)
    assert set(document) == {"schema", "name", "account", "prices", "sectors", "exclude"}
    assert len(document) == len(PortfolioFile.__struct_fields__)
    account = document["account"][0]
    assert set(account) == {name.replace("positions", "position") for name in AccountEntry.__struct_fields__}
    assert set(account["position"][0]) == set(PositionEntry.__struct_fields__) - {"margin"}
    assert 'margin = "' in text


@pytest.mark.parametrize(
    "key",
    [name for entry in (AccountEntry, PositionEntry) for name in entry.__struct_fields__ if name not in ("positions", "margin")],
)
def test_every_key_of_an_account_and_of_a_position_is_explained_beside_it(key: str) -> None:
    assert re.search(rf"^#?{key} = .+  +# \w", starter_text("Any"), re.MULTILINE)


def test_an_existing_file_is_never_overwritten(cockpit: Cockpit) -> None:
    path = cockpit.portfolio("mine", "book.toml")
    assert "exists already; choose another name" in refused(cockpit("init", "book.toml"), 2)
    assert path.read_text(encoding="utf-8") == "mine"


def test_a_folder_that_is_not_there_is_named(cockpit: Cockpit) -> None:
    assert "the folder does not exist" in refused(cockpit("init", "nowhere/book.toml"), 2)


def test_it_says_what_to_do_next_and_touches_nothing_else(cockpit: Cockpit) -> None:
    said = cockpit("init", "my book.toml").out
    for command in ("cockpit check 'my book.toml'", "cockpit --portfolio 'my book.toml'"):
        assert command in said
    assert cockpit.left_behind == []
    assert [path.name for path in cockpit.folder.iterdir()] == ["my book.toml"]


def test_holdings_are_for_their_owner_only(cockpit: Cockpit) -> None:
    cockpit("init", "book.toml")
    assert (cockpit.folder / "book.toml").stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ['quo"te.toml', "back\\slash.toml", "ünï.toml", "[x].toml", ".toml", "---.toml"])
def test_any_name_of_a_file_gives_a_valid_name_of_a_portfolio(name: str, cockpit: Cockpit) -> None:
    assert cockpit("init", "--", name).code == 0
    assert load_portfolio(Path(name)).name


def test_help_names_both_verbs() -> None:
    assert {"init", "check"} <= set(main.commands)
