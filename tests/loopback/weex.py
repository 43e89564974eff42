"""WEEX V3: spot (api-spot.weex.com) and USDT perpetuals (api-contract.weex.com), public REST.

Formats: weex.com/api-doc, "Spot V3: market data" and "Contract V3: market data" (2026). Sizes count coins, whatever the listing
says of a contract's value.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from cockpit.model.instruments import Instrument, Kind
from tests.loopback.markets import DAY, days, decimals, listed, of_asset, opened, plain, rows, span
from tests.loopback.vendor import Answer, Asked, Vendor, rest
from tests.loopback.world import millis, text

SPOT, CONTRACT = "api-spot.weex.com", "api-contract.weex.com"
KINDS = {SPOT: Kind.SPOT, CONTRACT: Kind.PERP}
UNKNOWN = Answer({"code": -1121, "msg": "Invalid symbol."}, 400)
FUNDED = Decimal("0.00003")
"""By how much the rate that was paid last differs from the forecast."""


class Weex(Vendor):
    """Spot and perpetuals."""

    @rest("GET", SPOT, "/api/v3/time")
    @rest("GET", CONTRACT, "/capi/v3/market/time")
    def time(self, asked: Asked) -> Any:
        """The vendor's clock."""
        return {"serverTime": asked.world.millis()}

    @rest("GET", SPOT, "/api/v3/coins")
    def coins(self, asked: Asked) -> Any:
        """No coins: nobody asks for them."""
        return []

    @rest("GET", SPOT, "/api/v3/exchangeInfo")
    def pairs(self, asked: Asked) -> Any:
        """Pairs."""
        told = [
            {
                "symbol": one_id(one),
                "status": "TRADING",
                "baseAsset": one.asset,
                "baseAssetPrecision": "8",
                "quoteAsset": "USDT",
                "quoteAssetPrecision": "8",
                "tickSize": text(one.tick),
                "stepSize": text(one.lot),
                "minTradeAmount": text(one.lot),
                "maxTradeAmount": "99999999",
                "takerFeeRate": "0.001",
                "makerFeeRate": "0.001",
                "enableTrade": True,
                "enableDisplay": True,
            }
            for one in listed(asked.world, Kind.SPOT)
        ]
        return {"symbols": [*told, told[0] | {"symbol": "OLDUSDT", "baseAsset": "OLD", "enableTrade": False}]}

    @rest("GET", CONTRACT, "/capi/v3/market/exchangeInfo")
    def contracts(self, asked: Asked) -> Any:
        """Perpetuals: steps as places, and a contract value that no size counts."""
        told = [
            {
                "symbol": one_id(one),
                "baseAsset": one.asset,
                "quoteAsset": "USDT",
                "marginAsset": "USDT",
                "pricePrecision": str(decimals(one.tick)),
                "quantityPrecision": str(decimals(one.lot)),
                "baseAssetPrecision": "2",
                "quotePrecision": "8",
                "contractVal": text(one.lot),
                "delivery": ["00:00:00", "08:00:00", "16:00:00"],
                "forwardContractFlag": True,
                "minLeverage": "1",
                "maxLeverage": plain(one.tiers[0].max_leverage),
                "makerFeeRate": "0.0002",
                "takerFeeRate": "0.0008",
                "minOrderSize": text(one.lot),
                "maxOrderSize": "1000000",
            }
            for one in listed(asked.world, Kind.PERP)
        ]
        return {"symbols": [*told, told[0] | {"symbol": "BTCUSD", "quoteAsset": "USD", "marginAsset": "BTC"}]}

    @rest("GET", SPOT, "/api/v3/market/ticker/24hr")
    @rest("GET", CONTRACT, "/capi/v3/market/ticker/24hr")
    def tickers(self, asked: Asked) -> Any:
        """The last 24 hours; of perpetuals with mark prices and without best prices."""
        world, kind = asked.world, KINDS[asked.host]
        told = []
        for one in listed(world, kind):
            quote, before, volume = world.quote(one.symbol), world.last_close(one.asset), world.volume(one.symbol)
            mark, change = text(quote.mark, one.tick), quote.mark - before
            row: dict[str, Any] = {
                "symbol": one_id(one),
                "priceChange": text(change),
                "priceChangePercent": f"{change / before:.6f}" if before else "0",
                "lastPrice": mark,
                "openPrice": text(before),
                "highPrice": text(max(before, quote.mark)),
                "lowPrice": text(min(before, quote.mark)),
                "volume": plain(volume),
                "quoteVolume": text((volume * quote.mark).quantize(Decimal("0.01"))),
                "openTime": world.millis() - DAY,
                "closeTime": world.millis(),
            }
            told.append(row | ({"markPrice": mark, "indexPrice": mark} if kind is Kind.PERP else _best(asked, one)))
        return told

    @rest("GET", SPOT, "/api/v3/market/ticker/bookTicker")
    @rest("GET", CONTRACT, "/capi/v3/market/ticker/bookTicker")
    def best(self, asked: Asked) -> Any:
        """Best bids and asks."""
        return [
            {"symbol": one_id(one), **_best(asked, one), "time": asked.world.millis()}
            for one in listed(asked.world, KINDS[asked.host])
        ]

    @rest("GET", SPOT, "/api/v3/market/depth")
    @rest("GET", CONTRACT, "/capi/v3/market/depth")
    def depth(self, asked: Asked) -> Any:
        """An order book, of 15 or of 200 levels."""
        one = find(asked)
        if one is None:
            return UNKNOWN
        limit = int(asked.query.get("limit", 15))
        if limit not in (15, 200):
            return Answer({"code": -1130, "msg": "limit is invalid"}, 400)
        quote = asked.world.quote(one.symbol)
        return {"asks": rows(quote.asks, limit), "bids": rows(quote.bids, limit), "lastUpdateId": asked.world.millis()}

    @rest("GET", SPOT, "/api/v3/market/klines")
    @rest("GET", CONTRACT, "/capi/v3/market/klines")
    def klines(self, asked: Asked) -> Any:
        """The newest days, oldest first."""
        one = find(asked)
        if one is None:
            return UNKNOWN
        if asked.query.get("interval") not in ("1d", "1D"):
            return Answer({"code": -1120, "msg": "Invalid interval."}, 400)
        limit = min(int(asked.query.get("limit", 100)), 300 if asked.host == SPOT else 1000)
        return [
            [
                opened(day.day),
                *(text(value) for value in (day.open, day.high, day.low, day.close)),
                text(day.volume),
                opened(day.day) + DAY - (1 if asked.host == SPOT else 0),
                plain((day.volume * day.close).quantize(Decimal("0.01"))),
                256,
                plain(day.volume / 2),
                plain((day.volume * day.close / 2).quantize(Decimal("0.01"))),
            ]
            for day in days(asked.world, one)[-limit:]
        ]

    @rest("GET", CONTRACT, "/capi/v3/market/premiumIndex")
    def premium(self, asked: Asked) -> Any:
        """Mark prices, the rate that was paid last, and the forecast of the next one; intervals in minutes."""
        world = asked.world
        told = []
        for one in listed(world, Kind.PERP):
            mark, funding = text(world.quote(one.symbol).mark, one.tick), world.funding(one.symbol)
            told.append(
                {
                    "symbol": one_id(one),
                    "markPrice": mark,
                    "indexPrice": mark,
                    "forecastFundingRate": text(funding.rate),
                    "lastFundingRate": text(funding.rate + FUNDED),
                    "interestRate": "0.001",
                    "nextFundingTime": millis(funding.next_at),
                    "time": world.millis(),
                    "collectCycle": int(funding.interval_hours * 60),
                }
            )
        return told

    @rest("GET", CONTRACT, "/capi/v3/market/fundingRate")
    def funding_history(self, asked: Asked) -> Any:
        """Settled funding, oldest first; without a start the newest."""
        one = find(asked)
        if one is None:
            return UNKNOWN
        since, until = span(asked.query)
        limit = min(int(asked.query.get("limit", 100)), 1000)
        prints = [each for each in asked.world.prints(one.symbol) if since <= millis(each.time) <= until]
        chosen = prints[:limit] if "startTime" in asked.query else prints[-limit:]
        mark = text(asked.world.quote(one.symbol).mark, one.tick)
        return [
            {"symbol": one_id(one), "fundingRate": text(each.rate), "fundingTime": millis(each.time), "markPrice": mark}
            for each in chosen
        ]

    @rest("GET", CONTRACT, "/capi/v3/market/openInterest")
    def open_interest(self, asked: Asked) -> Any:
        """What is open, in coins."""
        one = find(asked)
        if one is None:
            return UNKNOWN
        return {"symbol": one_id(one), "openInterest": plain(asked.world.open_interest(one.symbol)), "time": asked.world.millis()}


def one_id(one: Instrument) -> str:
    """The vendor's name of a market."""
    return f"{one.asset}USDT"


def find(asked: Asked) -> Instrument | None:
    """What `symbol` names on this host; None where it is not listed."""
    name = asked.query.get("symbol", "")
    return of_asset(asked.world, KINDS[asked.host], name.removesuffix("USDT")) if name.endswith("USDT") else None


def _best(asked: Asked, one: Instrument) -> dict[str, str]:
    quote = asked.world.quote(one.symbol)
    bid, ask = quote.bids[0], quote.asks[0]
    return {
        "bidPrice": text(bid.price, one.tick),
        "bidQty": plain(bid.size),
        "askPrice": text(ask.price, one.tick),
        "askQty": plain(ask.size),
    }
