"""Price steps, lots and margin tiers of the embedded markets."""

from decimal import Decimal
from itertools import pairwise
from pathlib import Path

import pytest

from cockpit.markets.instruments import SHIPPED, load_instruments, lot_for, tick_for
from cockpit.model.assets import ROTATING, Sector, Universe
from cockpit.model.book import Side, initial_margin
from cockpit.model.errors import BadInput
from cockpit.model.instruments import Kind, margin_tiers, perp_symbol, spot_symbol
from cockpit.rotation.margin import liquidation_price

D = Decimal
TABLE = load_instruments()


@pytest.mark.parametrize(
    ("asset", "side", "quantity", "entry", "expected"),
    [
        ("ETH", Side.SHORT, "2.5", "4000", "5976.0956"),
        ("AAVE", Side.LONG, "50", "250", "126.2626"),
        ("UNI", Side.LONG, "1250", "10", "5.0302"),
    ],
)
def test_the_worked_example_liquidates_where_its_tier_tables_say(
    asset: str, side: Side, quantity: str, entry: str, expected: str, universe: Universe
) -> None:
    """facts/domain.md 2.4: the blueprint's positions at 2x."""
    perp = TABLE.instruments(asset, universe.sector(asset), D(entry))[perp_symbol(asset)]
    margin = initial_margin(D(quantity), D(entry), D(2))
    found = liquidation_price(side, D(quantity), D(entry), margin, perp.tiers)
    assert found is not None
    assert round(found, 4) == D(expected)


@pytest.mark.parametrize(("asset", "quantity"), [("ETH", "2.5"), ("ETH", "10"), ("AAVE", "50"), ("UNI", "1250")])
def test_the_quantities_of_the_worked_example_are_whole_lots(asset: str, quantity: str, universe: Universe) -> None:
    for instrument in TABLE.instruments(asset, universe.sector(asset), D(100)).values():
        assert instrument.floor_quantity(D(quantity)) == D(quantity)


@pytest.mark.parametrize(
    ("asset", "amounts"),
    [
        ("ETH", ["0", "50", "950", "11450", "131450"]),
        ("SOL", ["0", "30", "380", "8380"]),
        ("AVAX", ["0", "7.5", "95", "895"]),
        ("UNI", ["0", "40", "290", "690"]),
        ("AAVE", ["0", "50", "250", "1250"]),
    ],
)
def test_maintenance_amounts_follow_from_floors_and_rates(asset: str, amounts: list[str], universe: Universe) -> None:
    """The published tables of facts/domain.md 2.3 (Binance USD-M, October 2024)."""
    tiers = TABLE.instruments(asset, universe.sector(asset), D(10))[perp_symbol(asset)].tiers
    assert [tier.amount for tier in tiers] == [D(amount) for amount in amounts]
    assert tiers[-1].cap is None


def test_a_published_amount_and_margin() -> None:
    """Binance's own example, facts/domain.md 2.3: amount 1,300 in level 3, margin 3,700 on 500,000."""
    tiers = margin_tiers([(D(0), D("0.004"), D(125)), (D(50_000), D("0.005"), D(100)), (D(250_000), D("0.01"), D(50))])
    assert tiers[2].amount == 1300
    assert D(500_000) * tiers[2].rate - tiers[2].amount == 3700


def test_maintenance_margin_is_continuous_over_every_bracket() -> None:
    for tiers in TABLE.tiers.values():
        for below, above in pairwise(tiers):
            assert below.cap == above.floor
            assert above.floor * below.rate - below.amount == above.floor * above.rate - above.amount


def test_every_asset_of_the_universe_trades_in_sane_steps(universe: Universe) -> None:
    for symbol, asset in universe.assets.items():
        listed = TABLE.instruments(symbol, asset.sector, D("12.3456"))
        if symbol == "USDT":
            assert listed == {}
            continue
        assert (perp_symbol(symbol) in listed) == (asset.sector is not Sector.STABLE)
        for instrument in listed.values():
            perp = instrument.kind is Kind.PERP
            assert instrument.tick <= tick_for(D("12.3456"))
            assert instrument.lot > 0
            assert bool(instrument.tiers) is perp
            assert D(5) <= instrument.min_notional <= D(20) if perp else instrument.min_notional == 10


@pytest.mark.parametrize(
    ("price", "tick", "lot"),
    [
        ("100000", "10", "0.00001"),
        ("4000", "0.1", "0.0001"),
        ("10", "0.001", "0.1"),
        ("0.25", "0.00001", "1"),
        ("0.00000123", "0.0000000001", "100000"),
    ],
)
def test_steps_adapt_to_the_price_of_an_unlisted_asset(price: str, tick: str, lot: str) -> None:
    assert (tick_for(D(price)), lot_for(D(price))) == (D(tick), D(lot))
    listed = TABLE.instruments("NOBODY", Sector.UNCLASSIFIED, D(price))
    assert {(i.tick, i.lot) for i in listed.values()} == {(D(tick), D(lot))}


def test_a_tick_of_its_own_is_refined_where_the_price_was_once_far_lower() -> None:
    cheap = TABLE.instruments("SOL", Sector.L1, D("0.6"))[spot_symbol("SOL")]
    assert cheap.tick == D("0.00001")


def test_the_universe_covers_the_sectors(universe: Universe) -> None:
    assert [len(universe.members(sector)) >= least for sector, least in zip(ROTATING, (12, 16, 4), strict=True)] == [True] * 3
    assert universe.members(Sector.BENCHMARK) == ("BTC",)
    assert universe.members(Sector.L1)[0] == "ETH"
    assert all(asset.coingecko for asset in universe.assets.values())
    assert all(universe.assets[symbol].defillama_chain for symbol in universe.members(Sector.L1))
    assert all(universe.assets[symbol].defillama_protocol for symbol in universe.members(Sector.DEFI))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("schema = 1", "schema = 2", "schema"),
        ("schema = 1", "schema = 1\nsurprise = true", "unknown key 'surprise'"),
        ('asset = "ETH"\ntick', 'asset = "ETH"\ntikc', "did you mean tick?"),
        ('lot = "0.0001"', 'lot = "0"', "instrument BTC: lot = 0 must be a number above 0"),
        ('lot = "0.0001"', 'lot = "NaN"', "instrument BTC: lot = NaN must be a number above 0"),
        ('lot = "0.0001"', "lot = true", "Expected `decimal"),
        ('tiers = "eth"', 'tiers = "etj"', "did you mean eth?"),
        ('asset = "SOL"', 'asset = "ETH"', "instrument ETH is there twice"),
        ("[default.L1]", "[default.L2]", "L2"),
        ('["50000", "0.005", "100"]', '["50000", "0.003", "100"]', "tiers.eth: the rate 0.003"),
        ('["0", "0.004", "125"]', '["0", "0.004", "251"]', "the leverage 251"),
        ('["50000", "0.005", "100"]', '["700000", "0.005", "100"]', "floors rise"),
        ("schema = 1", "schema = ", "Invalid"),
    ],
)
def test_a_bad_instruments_file_is_refused_with_its_key(old: str, new: str, said: str, tmp_path: Path) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "instruments.toml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(BadInput, match=r"^instruments\.toml: ") as refused:
        load_instruments(path)
    assert said in str(refused.value)


def test_a_sector_without_a_default_is_refused(tmp_path: Path) -> None:
    text = SHIPPED.read_text(encoding="utf-8")
    begin, end = text.index("[default.DEFI]"), text.index("[default.STABLE]")
    path = tmp_path / "instruments.toml"
    path.write_text(text[:begin] + text[end:], encoding="utf-8")
    with pytest.raises(BadInput, match=r"default\.DEFI is missing"):
        load_instruments(path)


def test_a_missing_instruments_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        load_instruments(tmp_path / "none.toml")
