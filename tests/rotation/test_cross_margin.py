"""A position in cross margin has the whole wallet behind it: no price is invented at which it would be liquidated."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from cockpit.model.assets import Sector
from cockpit.model.book import Account, Book, MarginMode, Position, Side
from cockpit.model.inquiry import Shocks
from cockpit.rotation.lines import position_lines
from cockpit.rotation.protection import position_risk
from cockpit.rotation.shock import shock
from tests.execution.scripted import ScriptedMarket
from tests.execution.worked import SETTINGS, UNIVERSE, pinned_market

D = Decimal
MARKET: ScriptedMarket = pinned_market()
ISOLATED = Position(asset="ETH", side=Side.SHORT, quantity=D("2.5"), entry_price=D(4000), margin=D(5000), stop_price=D(6500))
CROSS = replace(ISOLATED, margin_mode=MarginMode.CROSS)


def book(position: Position) -> Book:
    account = Account(id="main", venue="binance", spot={"USDT": D(50000)}, futures_wallet=D(30000), positions=(position,))
    return Book(name="Crossed", accounts=(account,))


def test_its_liquidation_price_is_the_one_that_the_venue_tells_or_unknown() -> None:
    market = MARKET.snapshot(["ETH"])
    (isolated,) = position_lines(book(ISOLATED), market, {"main": {"ETH": D(9000)}})
    assert isolated.liquidation_known
    assert isolated.liquidation_price != D(9000)
    assert isolated.late_stop, "5,976 comes before the stop"
    (unknown,) = position_lines(book(CROSS), market, {"other": {"ETH": D(9000)}, "main": {"SOL": D(1)}})
    assert (unknown.liquidation_price, unknown.liquidation_distance, unknown.liquidation_known) == (None, None, False)
    (told,) = position_lines(book(CROSS), market, {"main": {"ETH": D(9000)}})
    assert (told.liquidation_price, told.liquidation_distance, told.liquidation_known) == (D(9000), D("1.25"), True)
    assert told.protected
    (late,) = position_lines(book(CROSS), market, {"main": {"ETH": D(6400)}})
    assert late.late_stop


def test_the_rules_judge_it_by_its_share_of_the_wallet_and_name_no_price() -> None:
    market = MARKET.snapshot(["ETH"])
    tiers = market.instruments[ISOLATED.symbol].tiers
    mine, other = (position_risk(p, D(4000), tiers, Sector.L1) for p in (CROSS, ISOLATED))
    assert other.liquidation is not None
    assert mine == replace(other, liquidation=None)


@pytest.mark.parametrize(("fall", "loss"), [("0.60", "6000"), ("1.00", "10000")])
def test_a_shock_takes_all_that_it_loses_and_says_that_its_liquidation_is_unknown(fall: str, loss: str) -> None:
    """2.5 ETH short from 4,000: 60 % up would leave nothing of an isolated margin of 5,000."""
    limits, fees = SETTINGS.limits, SETTINGS.fees
    shocks = Shocks(assets={"ETH": D(fall)})
    naked = book(replace(CROSS, stop_price=None))
    found = shock(naked, MARKET.snapshot(["ETH"]), UNIVERSE, limits, fees, shocks)
    (line,) = found.positions
    assert (line.liquidated, line.liquidation_known, line.liquidation_price) == (False, False, None)
    assert line.pnl == -D(loss)
    assert found.nav_before - found.nav_gap == D(loss)
    stopped = shock(book(CROSS), MARKET.snapshot(["ETH"]), UNIVERSE, limits, fees, Shocks(assets={"ETH": D("0.7")})).positions[0]
    assert stopped.stopped, "nobody knows of a liquidation before its stop"
    assert stopped.stop_pnl is not None
    assert stopped.stop_pnl < -D(6250), "2,500 a coin up to the stop, slippage and fee on top: more than the margin"
