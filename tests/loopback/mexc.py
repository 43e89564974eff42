"""MEXC: spot V3 and perpetuals contract V1 (api.mexc.com), public REST. Sizes of perpetuals count contracts, as JSON numbers.

Formats: mexc.com/api-docs, "Spot V3: Market Data Endpoints" and "Futures: Market endpoints" (2026).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from cockpit.model.instruments import Instrument, Kind
from cockpit.model.market import Level, Quote
from cockpit.model.money import ONE
from tests.loopback.markets import DAY, LATEST, as_numbers, days, decimals, listed, of_asset, opened, plain, rows, span
from tests.loopback.vendor import Answer, Asked, Options, Route, Vendor, rest
from tests.loopback.world import World, millis, text

HOST = "api.mexc.com"
PERPS = "/api/v1/contract"
UNKNOWN = Answer({"msg": "invalid symbol", "code": -1121}, 400)
FIRST = 96_801_927
"""The version of the first order book that anybody sees."""
NO_CONTRACT = Answer({"success": False, "code": 1001, "message": "Contract does not exist!"})


class Mexc(Vendor):
    """Spot and perpetuals; the order books of perpetuals have versions, one more with each change that anybody sees."""

    def __init__(self, world: World, options: Options) -> None:
        super().__init__(world, options)
        self._books: dict[str, list[Quote]] = {}

    def seen(self, one: Instrument, quote: Quote) -> int:
        """The version of a book as it is now."""
        books = self._books.setdefault(one.symbol, [])
        if not books or (books[-1].bids, books[-1].asks) != (quote.bids, quote.asks):
            books.append(quote)
        return FIRST + len(books) - 1

    def version(self, one: Instrument, number: int) -> Quote:
        """The book of a version."""
        return self._books[one.symbol][number - FIRST]

    def answer(self, asked: Asked, route: Route) -> Answer:
        """Answers of perpetuals in the envelope, their numbers as JSON numbers."""
        given = super().answer(asked, route)
        if not asked.path.startswith(PERPS):
            return given
        wrapped = isinstance(given.body, dict) and "success" in given.body
        body = given.body if wrapped else {"success": True, "code": 0, "data": given.body}
        return Answer(as_numbers(body), given.status, given.headers)

    @rest("GET", HOST, "/api/v3/time")
    def time(self, asked: Asked) -> Any:
        """The vendor's clock."""
        return {"serverTime": asked.world.millis()}

    @rest("GET", HOST, "/api/v1/contract/ping")
    def ping(self, asked: Asked) -> Any:
        """The clock of perpetuals."""
        return asked.world.millis()

    @rest("GET", HOST, "/api/v3/exchangeInfo")
    def pairs(self, asked: Asked) -> Any:
        """Pairs: steps as places."""
        told = [
            {
                "symbol": f"{one.asset}USDT",
                "status": "1",
                "baseAsset": one.asset,
                "baseAssetPrecision": decimals(one.lot),
                "quoteAsset": "USDT",
                "quotePrecision": decimals(one.tick),
                "quoteAssetPrecision": decimals(one.tick),
                "baseCommissionPrecision": 8,
                "quoteCommissionPrecision": 8,
                "orderTypes": ["LIMIT", "MARKET", "LIMIT_MAKER"],
                "isSpotTradingAllowed": True,
                "isMarginTradingAllowed": False,
                "permissions": ["SPOT"],
                "filters": [],
                "baseSizePrecision": text(one.lot),
                "maxQuoteAmount": "2000000",
                "makerCommission": "0",
                "takerCommission": "0.0005",
                "quoteAmountPrecision": text(one.min_notional),
            }
            for one in listed(asked.world, Kind.SPOT)
        ]
        old = {"symbol": "OLDUSDT", "baseAsset": "OLD", "status": "2", "isSpotTradingAllowed": False}
        return {"timezone": "CST", "serverTime": asked.world.millis(), "rateLimits": [], "symbols": [*told, told[0] | old]}

    @rest("GET", HOST, "/api/v1/contract/detail")
    def contracts(self, asked: Asked) -> Any:
        """Perpetuals: the coins in a contract, and the margin tiers as a table or as what rises from step to step."""
        told = [_contract(asked.world, one) for one in listed(asked.world, Kind.PERP)]
        inverse = {"symbol": "BTC_USD", "quoteCoin": "USD", "settleCoin": "BTC"}
        return [*told, told[0] | inverse, told[0] | {"symbol": "OLD_USDT", "baseCoin": "OLD", "state": 3}]

    @rest("GET", HOST, "/api/v3/ticker/bookTicker")
    def best(self, asked: Asked) -> Any:
        """Best bids and asks of pairs."""
        told = []
        for one in listed(asked.world, Kind.SPOT):
            quote = asked.world.quote(one.symbol)
            told.append(
                {
                    "symbol": f"{one.asset}USDT",
                    "bidPrice": text(quote.bids[0].price, one.tick),
                    "bidQty": text(quote.bids[0].size),
                    "askPrice": text(quote.asks[0].price, one.tick),
                    "askQty": text(quote.asks[0].size),
                }
            )
        return told

    @rest("GET", HOST, "/api/v1/contract/ticker")
    def tickers(self, asked: Asked) -> Any:
        """The last 24 hours of perpetuals, with best prices, fair price, open interest in contracts and the funding rate."""
        told = []
        for one in listed(asked.world, Kind.PERP):
            quote, before = asked.world.quote(one.symbol), asked.world.last_close(one.asset)
            volume = asked.world.volume(one.symbol)
            told.append(
                {
                    "contractId": 10,
                    "symbol": f"{one.asset}_USDT",
                    "lastPrice": quote.mark,
                    "bid1": quote.bids[0].price,
                    "ask1": quote.asks[0].price,
                    "volume24": volume / contract(one),
                    "amount24": volume * quote.mark,
                    "holdVol": asked.world.open_interest(one.symbol) / contract(one),
                    "lower24Price": min(before, quote.mark),
                    "high24Price": max(before, quote.mark),
                    "riseFallRate": Decimal("0.0123"),
                    "riseFallValue": quote.mark - before,
                    "indexPrice": quote.mark,
                    "fairPrice": quote.mark,
                    "fundingRate": asked.world.funding(one.symbol).rate,
                    "maxBidPrice": quote.mark * 2,
                    "minAskPrice": quote.mark / 2,
                    "timestamp": asked.world.millis(),
                }
            )
        return told

    @rest("GET", HOST, "/api/v3/depth")
    def spot_depth(self, asked: Asked) -> Any:
        """An order book of a pair."""
        one = find(asked.world, Kind.SPOT, asked.query.get("symbol", ""))
        if one is None:
            return UNKNOWN
        quote, limit = asked.world.quote(one.symbol), min(int(asked.query.get("limit", 100)), 5000)
        sides: dict[str, Any] = {"bids": rows(quote.bids, limit), "asks": rows(quote.asks, limit)}
        return sides | {"lastUpdateId": asked.world.millis(), "timestamp": asked.world.millis()}

    @rest("GET", HOST, "/api/v1/contract/depth/(?P<symbol>[^/]+)")
    def depth(self, asked: Asked) -> Any:
        """An order book of a perpetual: price, contracts, orders."""
        one = find(asked.world, Kind.PERP, asked.parts["symbol"])
        if one is None:
            return NO_CONTRACT
        quote, limit = asked.world.quote(one.symbol), int(asked.query.get("limit", 1000))

        def side(levels: tuple[Level, ...]) -> list[list[Any]]:
            return [[level.price, level.size / contract(one), 2] for level in levels[:limit]]

        now = asked.world.millis()
        return {"asks": side(quote.asks), "bids": side(quote.bids), "version": self.seen(one, quote), "timestamp": now}

    @rest("GET", HOST, "/api/v3/klines")
    def spot_days(self, asked: Asked) -> Any:
        """Days of a pair, oldest first; the end is not in them."""
        one = find(asked.world, Kind.SPOT, asked.query.get("symbol", ""))
        if one is None:
            return UNKNOWN
        if asked.query.get("interval") != "1d":
            return Answer({"msg": "Invalid interval.", "code": -1121}, 400)
        since, until = span(asked.query)
        limit = min(int(asked.query.get("limit", 500)), 500)
        chosen = days(asked.world, one, since, until - 1)
        chosen = chosen[:limit] if "startTime" in asked.query else chosen[-limit:]
        return [
            [
                opened(day.day),
                *(text(value) for value in (day.open, day.high, day.low, day.close)),
                text(day.volume),
                opened(day.day) + DAY,
                plain((day.volume * day.close).quantize(Decimal("0.01"))),
            ]
            for day in chosen
        ]

    @rest("GET", HOST, "/api/v1/contract/kline/(?P<symbol>[^/]+)")
    def days(self, asked: Asked) -> Any:
        """Days of a perpetual as columns; seconds, at most 2000, the oldest first."""
        one = find(asked.world, Kind.PERP, asked.parts["symbol"])
        if one is None:
            return NO_CONTRACT
        if asked.query.get("interval") != "Day1":
            return Answer({"success": False, "code": 600, "message": "interval error"})
        since, until = int(asked.query.get("start", 0)) * 1000, int(asked.query.get("end", LATEST // 1000)) * 1000
        chosen = days(asked.world, one, since, until)
        chosen = chosen[:2000] if "start" in asked.query else chosen[-2000:]
        columns: dict[str, Any] = {name: [getattr(day, name) for day in chosen] for name in ("open", "close", "high", "low")}
        volumes = [day.volume / contract(one) for day in chosen]
        return columns | {"time": [opened(day.day) // 1000 for day in chosen], "vol": volumes, "amount": volumes}

    @rest("GET", HOST, "/api/v1/contract/funding_rate/history")
    def funding_history(self, asked: Asked) -> Any:
        """Settled funding, newest first, page by page."""
        one = find(asked.world, Kind.PERP, asked.query.get("symbol", ""))
        if one is None:
            return NO_CONTRACT
        size, page = min(int(asked.query.get("page_size", 20)), 1000), int(asked.query.get("page_num", 1))
        prints = asked.world.prints(one.symbol)[::-1]
        told = [
            {
                "symbol": f"{one.asset}_USDT",
                "fundingRate": each.rate,
                "settleTime": millis(each.time),
                "collectCycle": int(each.interval_hours),
            }
            for each in prints[(page - 1) * size : page * size]
        ]
        total = -(-len(prints) // size)
        return {"pageSize": size, "totalCount": len(prints), "totalPage": total, "currentPage": page, "resultList": told}

    @rest("GET", HOST, "/api/v1/contract/funding_rate/(?P<symbol>(?!history)[^/]+)")
    def funding(self, asked: Asked) -> Any:
        """The funding of one perpetual."""
        one = find(asked.world, Kind.PERP, asked.parts["symbol"])
        if one is None:
            return NO_CONTRACT
        funding = asked.world.funding(one.symbol)
        return {
            "symbol": f"{one.asset}_USDT",
            "fundingRate": funding.rate,
            "maxFundingRate": Decimal("0.018"),
            "minFundingRate": Decimal("-0.018"),
            "collectCycle": int(funding.interval_hours),
            "nextSettleTime": millis(funding.next_at),
            "timestamp": asked.world.millis(),
        }


def contract(one: Instrument) -> Decimal:
    """Coins in a contract: the world's lot."""
    return one.lot


def find(world: World, kind: Kind, name: str) -> Instrument | None:
    """What a name stands for; None where it is not listed."""
    ending = "USDT" if kind is Kind.SPOT else "_USDT"
    return of_asset(world, kind, name.removesuffix(ending)) if name.endswith(ending) else None


RISING = ("SOL",)
"""Assets whose tiers rise step by step; the others have a table."""
OPEN_END = 2
"""How far the last tier of a table reaches, in ends of the one before."""


def tier_step(world: World, one: Instrument) -> Decimal:
    """Contracts in a step of the margin tiers: those of the world's first tier."""
    return _contracts(world, one, one.tiers[0].cap or Decimal(1))


def tier_base(world: World, one: Instrument) -> Decimal:
    """Contracts in the first of the margin tiers that rise step by step."""
    return (tier_step(world, one) / 4).quantize(ONE)


def tier_ends(world: World, one: Instrument) -> list[Decimal]:
    """Contracts up to which the tiers of a table reach, the last one's included: the world's."""
    caps = [_contracts(world, one, tier.cap) for tier in one.tiers if tier.cap is not None]
    return [*caps, (caps[-1] if caps else Decimal(100_000)) * OPEN_END]


def _contracts(world: World, one: Instrument, notional: Decimal) -> Decimal:
    return (notional / world.quote(one.symbol).mark / contract(one)).quantize(ONE)


def _contract(world: World, one: Instrument) -> dict[str, Any]:
    first = one.tiers[0]
    return _risk(world, one) | {
        "symbol": f"{one.asset}_USDT",
        "displayName": f"{one.asset}_USDT PERPETUAL",
        "displayNameEn": f"{one.asset}_USDT PERPETUAL",
        "positionOpenType": 3,
        "baseCoin": one.asset,
        "quoteCoin": "USDT",
        "settleCoin": "USDT",
        "contractSize": contract(one),
        "minLeverage": 1,
        "maxLeverage": first.max_leverage,
        "priceScale": decimals(one.tick),
        "volScale": 0,
        "amountScale": 4,
        "priceUnit": one.tick,
        "volUnit": 1,
        "minVol": 1,
        "maxVol": tier_step(world, one) * 3,
        "takerFeeRate": Decimal("0.0002"),
        "makerFeeRate": Decimal(0),
        "maintenanceMarginRate": first.rate,
        "initialMarginRate": first.rate * 2,
        "riskLongShortSwitch": 0,
        "riskLimitType": "BY_VOLUME",
        "state": 0,
        "isNew": False,
        "isHot": False,
        "isHidden": False,
        "apiAllowed": False,
    }


def _risk(world: World, one: Instrument) -> dict[str, Any]:
    """The margin tiers, as a table or as what rises; the largest order, `maxVol`, says nothing of them."""
    first, ends = one.tiers[0], tier_ends(world, one)
    if one.asset in RISING:
        return {
            "riskLimitMode": "INCREASE",
            "riskBaseVol": tier_base(world, one),
            "riskIncrVol": tier_step(world, one),
            "riskIncrMmr": first.rate,
            "riskIncrImr": first.rate * 2,
            "riskLevelLimit": 4,
        }
    table = [
        {"level": level, "maxVol": end, "mmr": tier.rate, "imr": 1 / tier.max_leverage, "maxLeverage": tier.max_leverage}
        for level, (tier, end) in enumerate(zip(one.tiers, ends, strict=True), 1)
    ]
    steps = {"riskBaseVol": ends[-1], "riskIncrVol": 0, "riskIncrMmr": 0, "riskIncrImr": 0, "riskLevelLimit": 1}
    return {"riskLimitMode": "CUSTOM", "riskLimitCustom": table, **steps}
