"""NAV, net and gross exposure, effective leverage.

Numbers: the blueprint's 100,000 example read both ways (sector-rotation annex, 2.7 and oracles "blueprint_example").
"""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from cockpit.model.assets import Asset, Sector, Universe
from cockpit.model.book import Account, Book, Position, Side, initial_margin
from cockpit.model.errors import MarketUnavailable
from cockpit.model.exposure import Exposure, expose, oldest_quote
from cockpit.model.instruments import perp_symbol, spot_symbol
from cockpit.model.market import MarketLabel, MarketSnapshot, Quote

D = Decimal

AT = datetime(2021, 8, 20, tzinfo=UTC)
SECTORS = {"ETH": Sector.L1, "UNI": Sector.DEFI, "AAVE": Sector.DEFI, "USDT": Sector.STABLE, "BTC": Sector.BENCHMARK}
UNIVERSE = Universe(assets={s: Asset(symbol=s, name=s, sector=sector) for s, sector in SECTORS.items()})
PRICES = {"ETH": D(4000), "UNI": D(10), "AAVE": D(250), "BTC": D(50000), "WIF": D(2)}


def market(**prices: D) -> MarketSnapshot:
    at = {**PRICES, **prices}
    quotes = {
        symbol: Quote(symbol=symbol, mark=price, bid=price, ask=price, at=AT, pinned=True)
        for asset, price in at.items()
        for symbol in (spot_symbol(asset), perp_symbol(asset))
    }
    return MarketSnapshot(source="test", label=MarketLabel.SIMULATED, as_of=AT, quotes=quotes, instruments={}, funding={})


def position(asset: str, side: Side, quantity: str, entry: str) -> Position:
    amount, price = D(quantity), D(entry)
    return Position(
        asset=asset, side=side, quantity=amount, entry_price=price, margin=initial_margin(amount, price, D(2)), stop_price=price
    )


def example(cash: str, wallet: str, *positions: Position) -> Book:
    spot = {"USDT": D(cash), "ETH": D(10), "UNI": D(1250), "AAVE": D(50)}
    account = Account(id="main", venue="paper", spot=spot, futures_wallet=D(wallet), positions=positions)
    return Book(name="Example", accounts=(account,))


def shares(found: Exposure) -> dict[str, D]:
    nets = [row.net for sector, row in found.sectors.items() if sector in (Sector.L1, Sector.DEFI)]
    return {
        "net L1": found.of_nav(found.sectors[Sector.L1].net),
        "net DeFi": found.of_nav(found.sectors[Sector.DEFI].net),
        "net": found.of_nav(sum(nets, D(0))),
        "gross": found.of_nav(found.gross),
        "futures": found.of_nav(found.gross_futures_notional),
        "margin": found.of_nav(found.margin_used),
    }


@pytest.mark.parametrize(
    ("cash", "wallet", "uni", "aave", "published"),
    [
        ("17500", "17500", "1250", "50", ("0.3", "0.5", "0.8", "1", "0.35", "0.175")),
        ("5000", "30000", "2500", "100", ("0.3", "0.75", "1.05", "1.25", "0.6", "0.3")),
    ],
    ids=["reconciled", "literal"],
)
def test_the_blueprint_example_has_its_published_exposures(
    cash: str, wallet: str, uni: str, aave: str, published: tuple[str, ...]
) -> None:
    book = example(
        cash,
        wallet,
        position("ETH", Side.SHORT, "2.5", "4000"),
        position("UNI", Side.LONG, uni, "10"),
        position("AAVE", Side.LONG, aave, "250"),
    )
    found = expose(book, market(), UNIVERSE)
    assert found.nav == 100_000
    assert list(shares(found).values()) == [D(number) for number in published]


def test_notional_is_no_part_of_nav_and_unrealised_pnl_is() -> None:
    book = example("30000", "5000", position("ETH", Side.SHORT, "2.5", "4000"))
    fallen = expose(book, market(ETH=D(3800)), UNIVERSE)
    assert fallen.unrealised_pnl == 500
    assert fallen.nav == 30000 + 5000 + 500 + 10 * 3800 + 12500 + 12500


def test_effective_leverage_is_futures_notional_over_futures_equity() -> None:
    book = example("30000", "5000", position("ETH", Side.SHORT, "2.5", "4000"))
    assert expose(book, market(), UNIVERSE).effective_leverage == 2
    assert expose(example("35000", "0"), market(), UNIVERSE).effective_leverage == 0


def test_stable_is_the_residual_so_that_weights_close() -> None:
    book = example("17500", "17500", position("ETH", Side.SHORT, "2.5", "4000"), position("UNI", Side.LONG, "2500", "10"))
    found = expose(book, market(ETH=D(4100), UNI=D("9.3")), UNIVERSE)
    assert sum(row.net for row in found.sectors.values()) == found.nav
    assert sum(row.weight for row in found.sectors.values()) == pytest.approx(D(1), abs=D("1e-24"))


def test_what_stands_outside_is_shown_counted_in_nav_and_left_out_of_the_base() -> None:
    account = Account(
        id="main", venue="paper", spot={"USDT": D(1000), "ETH": D(1), "BTC": D("0.1"), "WIF": D(500), "UNI": D(100)}
    )
    found = expose(Book(name="Outside", accounts=(account,), excluded=("UNI",)), market(), UNIVERSE)
    assert found.nav == 1000 + 4000 + 5000 + 1000 + 1000
    assert found.base == 5000
    assert {sector: row.net for sector, row in found.sectors.items() if not sector.rotates} == {
        Sector.BENCHMARK: D(5000),
        Sector.UNCLASSIFIED: D(1000),
        Sector.EXCLUDED: D(1000),
    }


def test_an_override_of_the_portfolio_outranks_the_universe() -> None:
    account = Account(id="main", venue="paper", spot={"UNI": D(100)})
    found = expose(Book(name="Own", accounts=(account,), sectors={"UNI": Sector.L1}), market(), UNIVERSE)
    assert found.sectors[Sector.L1].spot == 1000


def test_several_accounts_are_one_book() -> None:
    east = Account(id="east", venue="paper", spot={"ETH": D(1), "USDT": D(10)})
    west = Account(id="west", venue="paper", spot={"ETH": D(2)}, futures_wallet=D(90))
    found = expose(Book(name="Two", accounts=(east, west)), market(), UNIVERSE)
    assert found.nav == 3 * 4000 + 100
    assert next(row for row in found.assets if row.asset == "ETH").quantity == 3


def test_an_asset_that_nobody_quotes_is_named() -> None:
    account = Account(id="main", venue="paper", spot={"XYZ": D(1)})
    with pytest.raises(MarketUnavailable, match="no price of XYZ"):
        expose(Book(name="Dark", accounts=(account,)), market(), UNIVERSE)


def test_what_no_venue_lists_counts_as_nothing_and_is_told() -> None:
    account = Account(id="main", venue="paper", spot={"XYZ": D(1000), "USDT": D(100)})
    known = replace(market(), unlisted=("XYZ",))
    found = expose(Book(name="Airdrop", accounts=(account,)), known, UNIVERSE)
    assert found.nav == 100
    assert [(row.quantity, row.price, row.spot) for row in found.assets if row.asset == "XYZ"] == [(D(1000), D(0), D(0))]
    assert known.unlisted_note == "XYZ is listed by no venue: counted as 0"
    assert replace(market(), unlisted=("XYZ", "ABC")).unlisted_note == "XYZ, ABC are listed by no venue: counted as 0"
    assert market().unlisted_note == ""
    assert replace(market(), unlisted=tuple("ABCDEFGHI")).unlisted_note == (
        "A, B, C, D, E, F and 3 more are listed by no venue: counted as 0"
    )


def test_a_quote_counts_whatever_is_said_of_the_listing() -> None:
    assert replace(market(), unlisted=("WIF",)).price("WIF") == 2


def test_how_old_values_are_goes_by_the_quotes_behind_them() -> None:
    book = example("34000", "1000", position("UNI", Side.LONG, "100", "10"))
    told = {spot_symbol("ETH"): 5, spot_symbol("UNI"): 7, spot_symbol("AAVE"): 6, perp_symbol("UNI"): 9}
    told |= {perp_symbol("ETH"): 70, spot_symbol("BTC"): 70}  # these value nothing in the book
    found = market()
    quotes = {
        symbol: replace(quote, pinned=False, at=AT - timedelta(seconds=told[symbol]))
        for symbol, quote in found.quotes.items()
        if symbol in told
    }
    assert oldest_quote(book, replace(found, quotes=quotes)) == AT - timedelta(seconds=9)
    del quotes[spot_symbol("ETH")]  # then its perpetual's values the coins
    assert oldest_quote(book, replace(found, quotes=quotes)) == AT - timedelta(seconds=70)
    assert oldest_quote(book, found) is None  # pinned prices do not age


def test_an_open_perpetual_that_no_venue_lists_stays_an_error() -> None:
    """Its PnL is unknown, which is not nothing."""
    held = position("XYZ", Side.SHORT, "1", "5")
    account = Account(id="main", venue="paper", spot={}, futures_wallet=D(10), positions=(held,))
    with pytest.raises(MarketUnavailable, match="no quote of XYZ/USDT:USDT"):
        expose(Book(name="Dark", accounts=(account,)), replace(market(), unlisted=("XYZ",)), UNIVERSE)
