"""A portfolio file gives the book that the trader meant, or one sentence that says what is wrong with it."""

from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.files.portfolio import dump_portfolio, load_portfolio, parse_portfolio
from cockpit.files.settings import load_universe
from cockpit.files.shipped import shipped
from cockpit.model.assets import Sector
from cockpit.model.book import Account, Book, Position, Side, initial_margin
from cockpit.model.errors import BadInput

HEAD = 'schema = 1\nname = "Test"\n'
ACCOUNT = '[[account]]\nid = "main"\nvenue = "paper"\n'
GOOD = HEAD + ACCOUNT + 'spot = { USDT = "35000", ETH = "10" }\nfutures_wallet = "6000"\n'
POSITION = """[[account.position]]
symbol = "ETH/USDT:USDT"
side = "short"
quantity = "2.5"
entry_price = "4000"
leverage = "2"
stop_price = "4480"
"""
PRICES = '[prices]\nETH = "4000"\n'


def parse(text: str) -> Book:
    return parse_portfolio(text, source="book.toml")


def refusal(text: str) -> str:
    with pytest.raises(BadInput) as caught:
        parse(text)
    assert str(caught.value).startswith("book.toml: ")
    return str(caught.value)


def position(**changes: str | None) -> str:
    """The short of the contract's example with keys replaced, or left out where None."""
    lines = dict(line.split(" = ", 1) for line in POSITION.splitlines()[1:])
    lines.update({key: value for key, value in changes.items() if value is not None})
    kept = {key: value for key, value in lines.items() if changes.get(key, "") is not None}
    return GOOD + "[[account.position]]\n" + "".join(f"{key} = {value}\n" for key, value in kept.items())


def test_the_contracts_example_reads_as_the_book_it_means() -> None:
    text = (
        HEAD + ACCOUNT + 'spot = { USDT = "35000", ETH = "10", UNI = "1250", AAVE = "50" }\nfutures_wallet = "5000"\n'
        + POSITION + '[prices]\nETH = "4000"\nUNI = "10"\nAAVE = "250"\n[sectors]\nWIF = "UNCLASSIFIED"\n[exclude]\nassets = []\n'
    )  # fmt: skip
    book = parse(text)
    (account,) = book.accounts
    (short,) = account.positions
    assert (account.id, account.venue, account.futures_wallet) == ("main", "paper", Decimal(5000))
    assert account.spot == {"USDT": Decimal(35000), "ETH": Decimal(10), "UNI": Decimal(1250), "AAVE": Decimal(50)}
    assert (short.asset, short.side, short.quantity, short.entry_price) == ("ETH", Side.SHORT, Decimal("2.5"), Decimal(4000))
    assert (short.margin, short.leverage, short.stop_price) == (Decimal(5000), Decimal(2), Decimal(4480))
    assert account.free_wallet == 0
    assert book.pinned_prices == {"ETH": Decimal(4000), "UNI": Decimal(10), "AAVE": Decimal(250)}
    assert book.sectors == {"WIF": Sector.UNCLASSIFIED}
    assert book.revision == 0


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("", ["schema: is missing"]),
        ('schema = 1\nname = "x"', ["account: is missing; add it"]),
        ('schema = 1\nname = "x"\naccount = []', ["account: is missing; add at least one [[account]]"]),
        (GOOD.replace("schema = 1", "schema = 2"), ["schema: is 2", "reads schema 1"]),
        (GOOD.replace("schema = 1", 'schema = "1"'), ["schema: must be a whole number"]),
        (GOOD.replace('"Test"', '"\\u200b"'), ["name: is empty"]),
        (GOOD + "[acounts]\n", ["acounts: is not a known key", "did you mean account?"]),
        (GOOD + 'levrage = "2"\n', ["account[0].levrage: is not a known key"]),
        (GOOD.replace("futures_wallet", "future_wallet"), ["account[0].future_wallet", "did you mean futures_wallet?"]),
        (GOOD.replace('"10"', '"-10"'), ["account[0].spot.ETH: is -10", "cannot be negative"]),
        (GOOD.replace('"10"', "10"), ["account[0].spot.ETH: is a bare number", 'write it in quotes: "10"']),
        (GOOD.replace('"10"', '"NaN"'), ["account[0].spot.ETH: is not a finite number"]),
        (GOOD.replace('"6000"', '"-1"'), ["account[0].futures_wallet: is -1", "cannot be negative"]),
        (GOOD.replace('"6000"', '"Infinity"'), ["account[0].futures_wallet: is not a finite number"]),
        (GOOD + ACCOUNT, ['account[1].id: "main" is used twice']),
        (GOOD + ACCOUNT.replace("main", "MAIN"), ['account[1].id: "MAIN" is used twice']),
        (GOOD.replace('"main"', '"a/b"'), ["account[0].id", "is no account id"]),
        (GOOD.replace('"main"', '"../../x"'), ["account[0].id", "is no account id"]),
        (GOOD.replace('"main"', '""'), ["account[0].id", "is no account id"]),
        (GOOD.replace('"paper"', '"Pa per"'), ["account[0].venue", "is no venue"]),
        (GOOD.replace("ETH", '"[/]"'), ["account[0].spot.[/]", "is no ticker"]),
        (GOOD.replace("ETH", '"\\u001b[31mETH"'), ["account[0].spot", "invisible characters"]),
        (GOOD.replace("ETH", '"E\\u200bTH"'), ["account[0].spot", "invisible characters"]),
        (GOOD.replace("ETH", '"\\u202eHTE"'), ["account[0].spot", "invisible characters"]),
        (GOOD.replace("ETH", '"ЕTH"'), ["account[0].spot", "is no ticker; use up to 20 capital letters"]),
        (GOOD.replace("ETH", "eth"), ["account[0].spot.eth", "is no ticker"]),
        (GOOD.replace("ETH", '""'), ["is no ticker"]),
        (GOOD.replace("ETH", "A" * 21), ["is no ticker"]),
        (GOOD + '[prices]\nETH = "0"', ["prices.ETH: is 0; a price must be above zero"]),
        (GOOD + '[prices]\nETH = "-1"', ["prices.ETH: is -1"]),
        (GOOD + '[prices]\nETH = "nan"', ["prices.ETH: is not a finite number"]),
        (GOOD + "[prices]\nETH = 4000.5", ["prices.ETH: is a bare number"]),
        (GOOD + '[prices]\nUSDT = "0.98"', ["prices.USDT: USDT is the unit of account"]),
        (GOOD + '[prices]\n"ETH/USDT" = "1"', ["is no ticker"]),
        (GOOD + '[sectors]\nETH = "L2"', ["sectors", '"L2" is not known; known are L1, DEFI']),
        (GOOD + '[sectors]\nETH = "EXCLUDED"', ["sectors.ETH", "under [exclude] assets"]),
        (GOOD + '[sectors]\nUSDT = "DEFI"', ["sectors.USDT", "unit of account"]),
        (GOOD + '[exclude]\nassets = "ETH"', ["exclude.assets: must be a list"]),
        (GOOD + '[exclude]\nassets = ["[/]"]', ["exclude.assets[0]", "is no ticker"]),
        (GOOD + '[exclude]\nassets = ["USDT"]', ["exclude.assets[0]", "cannot be excluded"]),
        (position(leverage='"0"'), ["account[0].position[0].leverage: is 0; it must be above zero"]),
        (position(leverage='"126"'), ["account[0].position[0].leverage", "between 1 and 125"]),
        (position(leverage='"0.5"'), ["account[0].position[0].leverage", "between 1 and 125"]),
        (position(leverage="2"), ["account[0].position[0].leverage: is a bare number"]),
        (position(leverage=None), ["account[0].position[0].leverage: is missing; give either leverage or margin"]),
        (position(margin='"5000"'), ["give leverage or margin, not both"]),
        (position(leverage=None, margin='"79"'), ["account[0].position[0].margin", "between 1 and 125"]),
        (position(quantity='"-2.5"'), ["account[0].position[0].quantity: is -2.5; it must be above zero"]),
        (position(quantity='"0"'), ["account[0].position[0].quantity: is 0"]),
        (position(quantity='"NaN"'), ["account[0].position[0].quantity: is not a finite number"]),
        (position(entry_price='"0"'), ["account[0].position[0].entry_price: is 0"]),
        (position(stop_price='"0"'), ["account[0].position[0].stop_price: is 0"]),
        (position(stop_price='"3500"'), ["account[0].position[0].stop_price: is 3500", "must lie above the entry price, 4000"]),
        (position(side='"long"'), ["stop_price: is 4480", "must lie below the entry price"]),
        (position(stop_price='"4480"') + '[prices]\nETH = "4500"', ["must lie above the pinned price, 4500"]),
        (
            position(quantity='"999999999999999"', entry_price='"99999"'),
            ["position[0].quantity", "a notional that no market has"],
        ),
        (position(leverage=None, margin='"0.00000001"', quantity='"100000000"'), ["position[0].margin", "between 1 and 125"]),
        (GOOD.replace('"10"', '"1000000000000000"'), ["account[0].spot.ETH: is too large"]),
        (GOOD.replace('"10"', '"0.12345678901234567890123456789"'), ["account[0].spot.ETH", "more than 28 digits"]),
        (position(side='"both"'), ["account[0].position[0].side", '"both" is not known; known are long, short']),
        (position(symbol='"BTC/USD:BTC"'), ["symbol", "coin-margined (settled in BTC)", "only USDT-linear"]),
        (position(symbol='"ETH/USD:ETH"'), ["symbol", "coin-margined (settled in ETH)"]),
        (position(symbol='"ETH/USDC:USDC"'), ["symbol", "not settled in USDT"]),
        (position(symbol='"ETH/USDT"'), ["symbol", "is a spot pair", '"ETH/USDT:USDT"']),
        (position(symbol='"ETH/USDT:USDT-251226"'), ["symbol", "dated contract"]),
        (position(symbol='"ETHUSDT"'), ["symbol", "is no perpetual"]),
        (position(symbol='"[/]/USDT:USDT"'), ["symbol", "is no perpetual"]),
        (position(symbol='"USDT/USDT:USDT"'), ["symbol", "against itself"]),
        (position() + POSITION, ["account[0].position[1]", "second position in ETH/USDT:USDT; merge them"]),
        (
            position() + POSITION.replace("short", "long").replace("4480", "3520"),
            ["account[0].position[1]", "hedge mode is not supported", "one-way mode"],
        ),
        (position().replace('"6000"', '"4999.99"'), ["futures_wallet: is 4999.99, less than the margin of its positions, 5000"]),
    ],
)
def test_what_no_book_can_hold_is_refused_with_the_key_and_the_remedy(text: str, parts: list[str]) -> None:
    sentence = refusal(text)
    for part in parts:
        assert part in sentence


def test_a_hostile_name_is_kept_as_harmless_text() -> None:
    hostile = GOOD.replace('"Test"', '"\\u001b]0;x\\u0007My [/] \\u202e[@click=app.quit]bo\\u200bok"')
    assert parse(hostile).name == "My [/] [@click=app.quit]book"


def test_holdings_of_zero_disappear() -> None:
    assert parse(GOOD.replace('"10"', '"0"')).accounts[0].spot == {"USDT": Decimal(35000)}


def test_an_asset_nobody_classified_is_kept() -> None:
    book = parse(GOOD.replace("ETH", "NEVERHEARDOF"))
    assert "NEVERHEARDOF" in book.assets()
    assert load_universe(shipped("universe.toml")).sector("NEVERHEARDOF", book.sectors) is Sector.UNCLASSIFIED


@pytest.mark.parametrize("table", ['[exclude]\nassets = ["AAVEE"]', '[prices]\nAAVEE = "1"', '[sectors]\nAAVEE = "L1"'])
def test_an_unknown_asset_that_is_not_held_is_refused_as_a_slip(table: str) -> None:
    with pytest.raises(BadInput, match=r"AAVEE: is neither held nor in the universe; did you mean AAVE\?"):
        parse_portfolio(GOOD + table, source="x", universe=load_universe(shipped("universe.toml")))


def test_one_asset_may_have_positions_in_two_accounts() -> None:
    book = parse(position() + ACCOUNT.replace("main", "other") + 'futures_wallet = "6000"\n' + POSITION)
    assert [(account.id, p.symbol) for account, p in book.positions()] == [("main", "ETH/USDT:USDT"), ("other", "ETH/USDT:USDT")]


def test_missing_and_unreadable_files_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="does not exist"):
        load_portfolio(tmp_path / "none.toml")
    with pytest.raises(BadInput, match="is a folder"):
        load_portfolio(tmp_path)


def money(low: str, high: str, places: int) -> st.SearchStrategy[Decimal]:
    return st.decimals(Decimal(low), Decimal(high), allow_nan=False, allow_infinity=False, places=places)


tickers = st.sampled_from(("ETH", "SOL", "UNI", "AAVE", "1INCH", "NAN", "NULL", "X"))


@st.composite
def positions(draw: st.DrawFn, asset: str) -> Position:
    side = draw(st.sampled_from(Side))
    quantity, entry = draw(money("0.001", "1000000", 6)), draw(money("0.01", "100000", 6))
    leverage = draw(money("1", "125", 4))
    margin = initial_margin(quantity, entry, leverage)
    topped = margin + draw(st.sampled_from((Decimal(0), Decimal("0.00000001"), margin / 7))).quantize(Decimal("1e-8"))
    stop = entry * draw(money("0.01", "0.9", 3)) * (-side.sign) + entry
    return Position(
        asset=asset,
        side=side,
        quantity=quantity,
        entry_price=entry,
        margin=topped,
        stop_price=draw(st.sampled_from((None, stop))),
    )


@st.composite
def books(draw: st.DrawFn) -> Book:
    accounts = []
    for number in range(draw(st.integers(1, 3))):
        held = tuple(draw(positions(asset)) for asset in draw(st.lists(tickers, unique=True, max_size=3)))
        needed = sum((p.margin for p in held), Decimal(0))
        accounts.append(
            Account(
                id=f"a{number}",
                venue="paper",
                spot=draw(st.dictionaries(tickers, money("0.00000001", "1000000000", 8), max_size=5)),
                futures_wallet=needed + draw(money("0", "100000", 8)),
                positions=held,
            )
        )
    return Book(
        name=draw(st.sampled_from(("Main", "[/] & co", "Zürich 日本"))),
        accounts=tuple(accounts),
        sectors=draw(st.dictionaries(tickers, st.sampled_from((Sector.L1, Sector.DEFI, Sector.UNCLASSIFIED)), max_size=2)),
        excluded=tuple(draw(st.lists(tickers, unique=True, max_size=2))),
    )


@given(books())
def test_every_book_survives_its_own_file(book: Book) -> None:
    text = dump_portfolio(book)
    again = parse(text)
    assert again == book
    assert dump_portfolio(again) == text
