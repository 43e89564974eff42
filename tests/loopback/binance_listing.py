"""What Binance lists: the world's markets with their filters, and beside them what a cockpit must not stumble over."""

from __future__ import annotations

from typing import Any

from cockpit.model.instruments import Instrument, Kind
from tests.loopback.padding import padded
from tests.loopback.world import World, text

ADJUSTED = ("SOL", "UNI")
"""Contracts with a cap of their own: listed by fundingInfo although they settle every eight hours."""
STRANGE = ("1000PEPE", "币安人生", "BTCDOM", "USDC")
"""Listed on Binance and in nobody's universe."""
FAR = 4_133_404_800_000
"""The delivery date of what is never delivered."""


def spot(world: World, padding: int) -> dict[str, Any]:
    """exchangeInfo of the spot market."""
    symbols = [_pair(one.asset, "USDT", one) for one in world.instruments().values() if one.kind is Kind.SPOT]
    model = next(one for one in world.instruments().values() if one.kind is Kind.SPOT)
    symbols += [
        _pair("ETH", "BTC", model),
        _pair("ETH", "USDC", model),
        _pair("BCC", "USDT", model, status="BREAK"),
        _pair("币安人生", "USDT", model),
    ]
    symbols += padded(padding, lambda name: _pair(name, "BTC", model))
    limits = [
        {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 6000},
        {"rateLimitType": "ORDERS", "interval": "SECOND", "intervalNum": 10, "limit": 100},
    ]
    return {"timezone": "UTC", "serverTime": world.millis(), "rateLimits": limits, "exchangeFilters": [], "symbols": symbols}


def futures(world: World, padding: int) -> dict[str, Any]:
    """exchangeInfo of USDⓈ-M futures."""
    symbols = [_contract(one.asset, one) for one in world.instruments().values() if one.kind is Kind.PERP]
    model = next(one for one in world.instruments().values() if one.kind is Kind.PERP)
    quarter = world.millis() + 40 * 86_400_000
    symbols += [
        _contract("BTC", model, id="BTCUSDT_261225", contractType="CURRENT_QUARTER", deliveryDate=quarter),
        _contract("ETH", model, id="ETHUSDC", quoteAsset="USDC", marginAsset="USDC"),
        _contract("RAY", model, status="SETTLING", contractType="PERPETUAL", deliveryDate=world.millis() - 86_400_000),
        _contract("TSLA", model, contractType="TRADIFI_PERPETUAL", underlyingType="EQUITY"),
        *[_contract(name, model) for name in STRANGE],
    ]
    symbols += padded(padding, lambda name: _contract(name, model))
    limits = [
        {"rateLimitType": "REQUEST_WEIGHT", "interval": "MINUTE", "intervalNum": 1, "limit": 2400},
        {"rateLimitType": "ORDERS", "interval": "MINUTE", "intervalNum": 1, "limit": 1200},
    ]
    assets = [{"asset": "USDT", "marginAvailable": True, "autoAssetExchange": "-10000"}]
    return {
        "timezone": "UTC",
        "serverTime": world.millis(),
        "futuresType": "U_MARGINED",
        "rateLimits": limits,
        "exchangeFilters": [],
        "assets": assets,
        "symbols": symbols,
    }


def coin_margined(world: World) -> dict[str, Any]:
    """exchangeInfo of COIN-M futures: contracts of 100 USD."""
    model = next(one for one in world.instruments().values() if one.kind is Kind.PERP)
    row = _contract("BTC", model, id="BTCUSD_PERP", pair="BTCUSD", quoteAsset="USD", marginAsset="BTC", contractSize=100)
    row["contractStatus"] = row.pop("status")
    return {"timezone": "UTC", "serverTime": world.millis(), "rateLimits": [], "exchangeFilters": [], "symbols": [row]}


def strange_premiums(world: World) -> list[dict[str, Any]]:
    """Rows of premiumIndex that are no perpetual of the universe: a dated contract has no funding."""
    row = {
        "markPrice": "0.00821340",
        "indexPrice": "0.00821500",
        "estimatedSettlePrice": "0.00821600",
        "lastFundingRate": "0.00005000",
        "interestRate": "0.00010000",
        "nextFundingTime": world.millis() // 28_800_000 * 28_800_000 + 28_800_000,
        "time": world.millis(),
    }
    dated = {"symbol": "BTCUSDT_261225", "lastFundingRate": "", "interestRate": "", "nextFundingTime": 0}
    return [row | dated, *(row | {"symbol": f"{name}USDT"} for name in STRANGE)]


def _pair(base: str, quote: str, one: Instrument, status: str = "TRADING") -> dict[str, Any]:
    return {
        "symbol": f"{base}{quote}",
        "status": status,
        "baseAsset": base,
        "baseAssetPrecision": 8,
        "quoteAsset": quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": ["LIMIT", "LIMIT_MAKER", "MARKET", "STOP_LOSS", "STOP_LOSS_LIMIT", "TAKE_PROFIT", "TAKE_PROFIT_LIMIT"],
        "icebergAllowed": True,
        "ocoAllowed": True,
        "otoAllowed": True,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": True,
        "cancelReplaceAllowed": True,
        "amendAllowed": True,
        "pegInstructionsAllowed": True,
        "isSpotTradingAllowed": status == "TRADING",
        "isMarginTradingAllowed": True,
        "filters": [
            {
                "filterType": "PRICE_FILTER",
                "minPrice": text(one.tick),
                "maxPrice": "1000000.00000000",
                "tickSize": text(one.tick),
            },
            {"filterType": "LOT_SIZE", "minQty": text(one.lot), "maxQty": "9000000.00000000", "stepSize": text(one.lot)},
            {"filterType": "ICEBERG_PARTS", "limit": 10},
            {"filterType": "MARKET_LOT_SIZE", "minQty": "0.00000000", "maxQty": "900000.00000000", "stepSize": "0.00000000"},
            {"filterType": "TRAILING_DELTA", "minTrailingAboveDelta": 10, "maxTrailingAboveDelta": 2000},
            {
                "filterType": "PERCENT_PRICE_BY_SIDE",
                "bidMultiplierUp": "5",
                "bidMultiplierDown": "0.2",
                "askMultiplierUp": "5",
                "askMultiplierDown": "0.2",
                "avgPriceMins": 5,
            },
            {
                "filterType": "NOTIONAL",
                "minNotional": text(one.min_notional),
                "applyMinToMarket": True,
                "maxNotional": "9000000.00000000",
                "applyMaxToMarket": False,
                "avgPriceMins": 5,
            },
            {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": 200},
            {"filterType": "MAX_NUM_ALGO_ORDERS", "maxNumAlgoOrders": 5},
        ],
        "permissions": [],
        "permissionSets": [["SPOT", "MARGIN", "TRD_GRP_004", "TRD_GRP_005", "TRD_GRP_006"]],
        "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": ["EXPIRE_TAKER", "EXPIRE_MAKER", "EXPIRE_BOTH", "DECREMENT"],
    }


def _contract(base: str, one: Instrument, id: str = "", **other: Any) -> dict[str, Any]:
    return {
        "symbol": id or f"{base}USDT",
        "pair": f"{base}USDT",
        "contractType": "PERPETUAL",
        "deliveryDate": FAR,
        "onboardDate": 1_569_398_400_000,
        "status": "TRADING",
        "maintMarginPercent": "2.5000",
        "requiredMarginPercent": "5.0000",
        "baseAsset": base,
        "quoteAsset": "USDT",
        "marginAsset": "USDT",
        "pricePrecision": 8,
        "quantityPrecision": 8,
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": ["PoW"],
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012500",
        "marketTakeBound": "0.05",
        "maxMoveOrderLimit": 10000,
        "filters": [
            {"filterType": "PRICE_FILTER", "maxPrice": "4529764", "minPrice": text(one.tick), "tickSize": text(one.tick)},
            {"filterType": "LOT_SIZE", "maxQty": "1000", "minQty": text(one.lot), "stepSize": text(one.lot)},
            {"filterType": "MARKET_LOT_SIZE", "maxQty": "120", "minQty": text(one.lot), "stepSize": text(one.lot)},
            {"filterType": "MAX_NUM_ORDERS", "limit": 200},
            {"filterType": "MAX_NUM_ALGO_ORDERS", "limit": 10},
            {"filterType": "MIN_NOTIONAL", "notional": text(one.min_notional)},
            {"filterType": "PERCENT_PRICE", "multiplierUp": "1.0500", "multiplierDown": "0.9500", "multiplierDecimal": "4"},
            {"filterType": "POSITION_RISK_CONTROL", "positionControlSide": "NONE"},
        ],
        "orderTypes": ["LIMIT", "MARKET", "STOP", "STOP_MARKET", "TAKE_PROFIT", "TAKE_PROFIT_MARKET", "TRAILING_STOP_MARKET"],
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
        "permissionSets": ["GRID", "COPY"],
        **other,
    }
