"""BingX: spot V1/V2 and USDT perpetuals V2/V3 (open-api.bingx.com), public REST. Lists run newest first, asks best last.

Formats: bingx-api.github.io/docs, "Spot: Market" and "USDT-M Perp Futures: Market" (2026).
"""

from __future__ import annotations

from decimal import ROUND_DOWN, Decimal
from typing import Any

from cockpit.model.instruments import Instrument, Kind
from tests.loopback.markets import DAY, as_numbers, days, decimals, listed, of_asset, opened, plain, rows, span
from tests.loopback.vendor import Answer, Asked, Route, Vendor, rest
from tests.loopback.world import Candle, World, millis, text

HOST = "open-api.bingx.com"
UNKNOWN = Answer({"code": 109425, "msg": "this symbol is not exist", "data": {}})
DEPTHS = (5, 10, 20, 50, 100, 500, 1000)


class BingX(Vendor):
    """Spot and perpetuals; the listing of inverse contracts has one."""

    def answer(self, asked: Asked, route: Route) -> Answer:
        """Every answer in the envelope, with what is left of the limit; numbers of some end points are JSON numbers."""
        given = super().answer(asked, route)
        if "timestamp" not in asked.query:
            given = Answer({"code": 100400, "msg": "timestamp is required", "data": {}})
        wrapped = isinstance(given.body, dict) and "code" in given.body
        body = given.body if wrapped else {"code": 0, "msg": "", "data": given.body, "timestamp": asked.world.millis()}
        return Answer(as_numbers(body), given.status, {"X-RateLimit-Requests-Remain": "99"})

    @rest("GET", HOST, "/openApi/swap/v2/server/time")
    def time(self, asked: Asked) -> Any:
        """The vendor's clock."""
        return {"serverTime": asked.world.millis()}

    @rest("GET", HOST, "/openApi/spot/v1/common/symbols")
    def pairs(self, asked: Asked) -> Any:
        """Pairs."""
        told = [
            {
                "symbol": one_id(one),
                "minQty": Decimal(0),
                "maxQty": Decimal(0),
                "minNotional": one.min_notional,
                "maxNotional": Decimal(1_000_000),
                "status": 1,
                "tickSize": one.tick,
                "stepSize": one.lot,
                "apiStateSell": True,
                "apiStateBuy": True,
                "timeOnline": 0,
                "offTime": 0,
                "maintainTime": 0,
            }
            for one in listed(asked.world, Kind.SPOT)
        ]
        return {"symbols": [*told, told[0] | {"symbol": "OLD-USDT", "status": 25, "apiStateBuy": False}]}

    @rest("GET", HOST, "/openApi/swap/v2/quote/contracts")
    def contracts(self, asked: Asked) -> Any:
        """Perpetuals: steps as places, and a contract size that no size counts."""
        told = [
            {
                "contractId": str(number),
                "symbol": one_id(one),
                "size": text(one.lot),
                "quantityPrecision": decimals(one.lot),
                "pricePrecision": decimals(one.tick),
                "feeRate": Decimal("0.0005"),
                "makerFeeRate": Decimal("0.0002"),
                "takerFeeRate": Decimal("0.0005"),
                "tradeMinLimit": 0,
                "tradeMinQuantity": one.lot,
                "tradeMinUSDT": one.min_notional,
                "currency": "USDT",
                "asset": one.asset,
                "status": 1,
                "apiStateOpen": "true",
                "apiStateClose": "true",
                "ensureTrigger": True,
                "brokerState": "true",
                "launchTime": 1600000000000,
                "displayName": one_id(one),
            }
            for number, one in enumerate(listed(asked.world, Kind.PERP), 100)
        ]
        return [
            *told,
            told[0] | {"symbol": "BTC-USDC", "currency": "USDC"},
            told[0] | {"symbol": "OLD-USDT", "asset": "OLD", "status": 25, "apiStateOpen": "false"},
        ]

    @rest("GET", HOST, "/openApi/cswap/v1/market/contracts")
    def inverse(self, asked: Asked) -> Any:
        """Contracts settled in coins."""
        row = {"symbol": "BTC-USD", "pricePrecision": 1, "minTickSize": "100", "minTradeValue": "100", "minQty": "1", "status": 1}
        return [row]

    @rest("GET", HOST, "/openApi/spot/v1/ticker/24hr")
    def spot_tickers(self, asked: Asked) -> Any:
        """The last 24 hours of every pair, with best prices."""
        return [_ticker(asked.world, one) for one in listed(asked.world, Kind.SPOT)]

    @rest("GET", HOST, "/openApi/swap/v2/quote/ticker")
    def tickers(self, asked: Asked) -> Any:
        """The last 24 hours of every perpetual, with best prices."""
        return [_ticker(asked.world, one) | {"lastQty": text(one.lot)} for one in listed(asked.world, Kind.PERP)]

    @rest("GET", HOST, "/openApi/swap/v2/quote/premiumIndex")
    def premium(self, asked: Asked) -> Any:
        """Mark prices and funding."""
        world = asked.world
        told = []
        for one in listed(world, Kind.PERP):
            mark, funding = text(world.quote(one.symbol).mark, one.tick), world.funding(one.symbol)
            told.append(
                {
                    "symbol": one_id(one),
                    "markPrice": mark,
                    "indexPrice": mark,
                    "lastFundingRate": text(funding.rate),
                    "nextFundingTime": millis(funding.next_at),
                    "fundingIntervalHours": int(funding.interval_hours),
                    "minFundingRate": "-0.02",
                    "maxFundingRate": "0.02",
                    "updateTime": world.millis(),
                }
            )
        return told

    @rest("GET", HOST, "/openApi/spot/v1/market/depth")
    def spot_depth(self, asked: Asked) -> Any:
        """An order book of a pair."""
        one = find(asked, Kind.SPOT)
        if one is None:
            return UNKNOWN
        return _sides(asked, one, min(int(asked.query.get("limit", 20)), 1000)) | {
            "ts": asked.world.millis(),
            "lastUpdateId": asked.world.millis(),
        }

    @rest("GET", HOST, "/openApi/swap/v2/quote/depth")
    def depth(self, asked: Asked) -> Any:
        """An order book of a perpetual."""
        one = find(asked, Kind.PERP)
        if one is None:
            return UNKNOWN
        limit = int(asked.query.get("limit", 20))
        if limit not in DEPTHS:
            return Answer({"code": 109400, "msg": "limit must be one of 5, 10, 20, 50, 100, 500, 1000", "data": {}})
        sides = _sides(asked, one, limit)
        coins = {f"{name}Coin": [[price, _again(size, one)] for price, size in side] for name, side in sides.items()}
        return sides | coins | {"T": asked.world.millis()}

    @rest("GET", HOST, "/openApi/spot/v1/market/kline")
    def spot_days(self, asked: Asked) -> Any:
        """Days of a pair; without timeZone 0 they would begin at 16:00 UTC."""
        one = find(asked, Kind.SPOT)
        if one is None:
            return UNKNOWN
        if asked.query.get("interval") != "1d" or asked.query.get("timeZone") != "0":
            return Answer({"code": 100400, "msg": "only days of UTC are played", "data": {}})
        return [
            [
                opened(day.day),
                day.open,
                day.high,
                day.low,
                day.close,
                day.volume,
                opened(day.day) + DAY - 1,
                day.volume * day.close,
            ]
            for day in _chosen(asked, one)
        ]

    @rest("GET", HOST, "/openApi/swap/v3/quote/klines")
    def days(self, asked: Asked) -> Any:
        """Days of a perpetual."""
        one = find(asked, Kind.PERP)
        if one is None:
            return UNKNOWN
        if asked.query.get("interval") != "1d":
            return Answer({"code": 100400, "msg": "only days are played", "data": {}})
        return [
            {
                "open": text(day.open),
                "close": text(day.close),
                "high": text(day.high),
                "low": text(day.low),
                "volume": text(day.volume),
                "time": opened(day.day),
            }
            for day in _chosen(asked, one)
        ]

    @rest("GET", HOST, "/openApi/swap/v2/quote/fundingRate")
    def funding_history(self, asked: Asked) -> Any:
        """Settled funding."""
        one = find(asked, Kind.PERP)
        if one is None:
            return UNKNOWN
        since, until = span(asked.query)
        prints = [each for each in asked.world.prints(one.symbol) if since <= millis(each.time) <= until]
        limit = min(int(asked.query.get("limit", 100)), 1000)
        return [
            {"symbol": one_id(one), "fundingRate": text(each.rate), "fundingTime": millis(each.time)}
            for each in prints[-limit:][::-1]
        ]

    @rest("GET", HOST, "/openApi/swap/v2/quote/openInterest")
    def open_interest(self, asked: Asked) -> Any:
        """What is open, in USDT."""
        one = find(asked, Kind.PERP)
        if one is None:
            return UNKNOWN
        value = asked.world.open_interest(one.symbol) * asked.world.quote(one.symbol).mark
        return {"openInterest": text(value), "symbol": one_id(one), "time": asked.world.millis()}


def one_id(one: Instrument) -> str:
    """The vendor's name of a market."""
    return f"{one.asset}-USDT"


def find(asked: Asked, kind: Kind) -> Instrument | None:
    """What `symbol` names; None where it is not listed."""
    asset, _, quote = asked.query.get("symbol", "").partition("-")
    return of_asset(asked.world, kind, asset) if quote == "USDT" else None


def _sides(asked: Asked, one: Instrument, limit: int) -> dict[str, Any]:
    quote = asked.world.quote(one.symbol)
    sides: dict[str, Any] = {"bids": rows(quote.bids, limit), "asks": rows(quote.asks, limit)[::-1]}
    return sides


def _again(size: str, one: Instrument) -> str:
    """A size as it is said the second time: times the lot, and of as many places, so that small ones are nothing."""
    return text((Decimal(size) * one.lot).quantize(one.lot, ROUND_DOWN), one.lot)


def _ticker(world: World, one: Instrument) -> dict[str, Any]:
    quote, before, volume = world.quote(one.symbol), world.last_close(one.asset), world.volume(one.symbol)
    change = quote.mark - before
    return {
        "symbol": one_id(one),
        "openPrice": text(before),
        "highPrice": text(max(before, quote.mark)),
        "lowPrice": text(min(before, quote.mark)),
        "lastPrice": text(quote.mark, one.tick),
        "priceChange": text(change),
        "priceChangePercent": f"{change / before * 100:.2f}%" if before else "0.00%",
        "volume": plain(volume),
        "quoteVolume": text((volume * quote.mark).quantize(Decimal("0.01"))),
        "openTime": world.millis() - DAY,
        "closeTime": world.millis(),
        "bidPrice": quote.bids[0].price,
        "bidQty": quote.bids[0].size,
        "askPrice": quote.asks[0].price,
        "askQty": quote.asks[0].size,
    }


def _chosen(asked: Asked, one: Instrument) -> list[Candle]:
    """From a start the oldest, without one the newest; newest first."""
    since, until = span(asked.query)
    limit = min(int(asked.query.get("limit", 500)), 1440)
    chosen = days(asked.world, one, since, until)
    return (chosen[:limit] if "startTime" in asked.query else chosen[-limit:])[::-1]
