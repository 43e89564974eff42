"""What Bybit lists: the world's markets with their filters, and beside them what a cockpit must not stumble over."""

from __future__ import annotations

from typing import Any

from cockpit.model.instruments import Instrument, Kind
from tests.loopback.padding import padded
from tests.loopback.world import World, text

STRANGE = ("1000PEPE", "TRUMP", "10000SATS")
"""Listed on Bybit and in nobody's universe."""


def pairs(world: World, padding: int) -> list[dict[str, Any]]:
    """instruments-info of the spot market."""
    listed = [one for one in world.instruments().values() if one.kind is Kind.SPOT]
    rows = [_pair(one.asset, "USDT", one) for one in listed]
    rows += [_pair("ETH", "USDC", listed[0]), _pair("ETH", "BTC", listed[0]), _pair("BTC3L", "USDT", listed[0])]
    return rows + padded(padding, lambda name: _pair(name, "BTC", listed[0]))


def contracts(world: World, padding: int) -> list[dict[str, Any]]:
    """instruments-info of linear contracts."""
    listed = [one for one in world.instruments().values() if one.kind is Kind.PERP]
    rows = [_contract(one.asset, one, world) for one in listed]
    expires = str(world.millis() + 40 * 86_400_000)
    rows += [
        _contract("ETH", listed[0], world, symbol="ETHPERP", quoteCoin="USDC", settleCoin="USDC"),
        _contract(
            "BTC",
            listed[0],
            world,
            symbol="BTCUSDT-25DEC26",
            contractType="LinearFutures",
            deliveryTime=expires,
            fundingInterval=0,
        ),
        _contract("RAY", listed[0], world, status="Closed", deliveryTime=str(world.millis() - 86_400_000)),
        *[_contract(name, listed[0], world) for name in STRANGE],
    ]
    return rows + padded(padding, lambda name: _contract(name, listed[0], world))


def inverse(world: World) -> list[dict[str, Any]]:
    """instruments-info of inverse contracts: one, in which nobody here trades."""
    model = next(one for one in world.instruments().values() if one.kind is Kind.PERP)
    other = {"symbol": "BTCUSD", "contractType": "InversePerpetual", "quoteCoin": "USD", "settleCoin": "BTC"}
    return [_contract("BTC", model, world, **other)]


def before_launch(world: World) -> list[dict[str, Any]]:
    """instruments-info of linear contracts that only auctions trade so far."""
    model = next(one for one in world.instruments().values() if one.kind is Kind.PERP)
    phases = [{"phase": "CallAuction", "startTime": str(world.millis() - 3_600_000), "endTime": ""}]
    fees = {"auctionFeeRate": "0", "takerFeeRate": "0.001", "makerFeeRate": "0.0004"}
    info = {"curAuctionPhase": "CallAuction", "phases": phases, "auctionFeeInfo": fees}
    return [_contract("SOON", model, world, status="PreLaunch", isPreListing=True, preListingInfo=info)]


def strange_tickers(world: World) -> list[dict[str, Any]]:
    """Rows of linear tickers that are no perpetual of the universe: a dated contract has no funding."""
    row = {
        "lastPrice": "0.0082134",
        "markPrice": "0.0082134",
        "indexPrice": "0.0082150",
        "bid1Price": "0.0082133",
        "bid1Size": "1000",
        "ask1Price": "0.0082135",
        "ask1Size": "1000",
        "openInterest": "5000000",
        "openInterestValue": "41067.00",
        "fundingRate": "0.00005",
        "nextFundingTime": str(world.millis() // 14_400_000 * 14_400_000 + 14_400_000),
        "fundingIntervalHour": "4",
    }
    dated = {"symbol": "BTCUSDT-25DEC26", "fundingRate": "", "nextFundingTime": "0", "fundingIntervalHour": ""}
    unsettled = {"symbol": "NEWUSDT", "bid1Price": "", "ask1Price": "", "lastPrice": "0", "markPrice": "0"}
    return [row | dated, row | unsettled, *(row | {"symbol": f"{name}USDT"} for name in STRANGE)]


def _pair(base: str, quote: str, one: Instrument) -> dict[str, Any]:
    return {
        "symbol": f"{base}{quote}",
        "baseCoin": base,
        "quoteCoin": quote,
        "innovation": "0",
        "status": "Trading",
        "marginTrading": "utaOnly",
        "stTag": "0",
        "lotSizeFilter": {
            "basePrecision": text(one.lot),
            "quotePrecision": "0.0000001",
            "minOrderQty": text(one.lot),
            "maxOrderQty": "1500000",
            "minOrderAmt": text(one.min_notional),
            "maxOrderAmt": "8000000",
            "maxLimitOrderQty": "1500000",
            "maxMarketOrderQty": "750000",
            "postOnlyMaxLimitOrderSize": "1500000",
        },
        "priceFilter": {"tickSize": text(one.tick)},
        "riskParameters": {"priceLimitRatioX": "0.01", "priceLimitRatioY": "0.02"},
    }


def _contract(base: str, one: Instrument, world: World, **other: Any) -> dict[str, Any]:
    known = base == one.asset
    minutes = int(world.funding(one.symbol).interval_hours * 60) if known else 240
    return {
        "symbol": f"{base}USDT",
        "contractType": "LinearPerpetual",
        "status": "Trading",
        "baseCoin": base,
        "quoteCoin": "USDT",
        "launchTime": "1615766400000",
        "deliveryTime": "0",
        "deliveryFeeRate": "",
        "priceScale": "4",
        "leverageFilter": {
            "minLeverage": "1",
            "maxLeverage": text(one.tiers[0].max_leverage) if one.tiers else "25.00",
            "leverageStep": "0.01",
        },
        "priceFilter": {"minPrice": text(one.tick), "maxPrice": "1999999.80", "tickSize": text(one.tick)},
        "lotSizeFilter": {
            "maxOrderQty": "1190000",
            "minOrderQty": text(one.lot),
            "qtyStep": text(one.lot),
            "postOnlyMaxOrderQty": "1190000",
            "maxMktOrderQty": "500000",
            "minNotionalValue": text(one.min_notional),
        },
        "unifiedMarginTrade": True,
        "fundingInterval": minutes,
        "settleCoin": "USDT",
        "copyTrading": "both",
        "upperFundingRate": "0.005",
        "lowerFundingRate": "-0.005",
        "isPreListing": False,
        "preListingInfo": None,
        "riskParameters": {"priceLimitRatioX": "0.05", "priceLimitRatioY": "0.05"},
        "displayName": "",
        "symbolType": "",
        **other,
    }
