"""Bybit V5: spot and USDT perpetuals (api.bybit.com), public REST.

Formats: bybit-exchange.github.io/docs/v5, "Market" (2026). Lists run from the newest to the oldest.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from cockpit.model.instruments import Instrument, Kind, MarginTier, perp_symbol, spot_symbol
from cockpit.model.market import Quote
from cockpit.model.money import ONE
from tests.loopback import bybit_listing as listing
from tests.loopback.limits import Requests
from tests.loopback.sequence import Sequence
from tests.loopback.vendor import Answer, Asked, Options, Route, Vendor, rest
from tests.loopback.world import World, millis, text

HOSTS = ("api.bybit.com", "api.bytick.com")
KINDS = {"spot": Kind.SPOT, "linear": Kind.PERP}
DAY = timedelta(days=1)
TIERS_A_PAGE = 15
"""Symbols on a page of risk limits."""


class Bybit(Vendor):
    """Market data of spot and linear contracts; inverse contracts are only listed, options are not."""

    def __init__(self, world: World, options: Options) -> None:
        super().__init__(world, options)
        self.sequence = Sequence()
        self.requests = Requests(600, 5)

    def answer(self, asked: Asked, route: Route) -> Answer:
        """Every answer in the envelope, with what is left of the limit."""
        world = asked.world
        if not self.requests.spend(world):
            refusal = envelope(world, 10018, "Exceeded the IP Rate Limit.")
            return Answer(refusal, 403, self.requests.headers(world))
        answer = super().answer(asked, route)
        given = answer.body
        code, message, result = given if isinstance(given, tuple) else (0, "OK", given)
        return Answer(envelope(world, code, message, result), answer.status, self.requests.headers(world) | dict(answer.headers))

    @rest("GET", HOSTS, "/v5/market/time")
    def time(self, asked: Asked) -> Any:
        """The vendor's clock."""
        now = asked.world.millis()
        return {"timeSecond": str(now // 1000), "timeNano": str(now * 1_000_000)}

    @rest("GET", HOSTS, "/v5/market/instruments-info")
    def instruments(self, asked: Asked) -> Any:
        """What is listed; contracts page by page."""
        category = asked.query.get("category", "")
        if category == "spot":
            return {"category": category, "list": listing.pairs(asked.world, self.options.padding)}
        rows: list[dict[str, Any]] = []
        if asked.query.get("status") == "PreLaunch":
            rows = listing.before_launch(asked.world) if category == "linear" else []
        elif category in ("linear", "inverse"):
            linear = category == "linear"
            rows = listing.contracts(asked.world, self.options.padding) if linear else listing.inverse(asked.world)
        return _page(category, rows, int(asked.query.get("limit", 500)), asked.query.get("cursor", ""))

    @rest("GET", HOSTS, "/v5/market/tickers")
    def tickers(self, asked: Asked) -> Any:
        """Last and best prices, and for contracts mark price, funding and open interest."""
        category, world = asked.query.get("category", ""), asked.world
        if "symbol" in asked.query:
            one = find(asked)
            return NOT_SUPPORTED if one is None else {"category": category, "list": [ticker(world, one)]}
        listed = [one for one in world.instruments().values() if one.kind is KINDS.get(category)]
        rows = [ticker(world, one) for one in listed]
        if category == "linear":
            rows += listing.strange_tickers(world)
        return {"category": category, "list": rows}

    @rest("GET", HOSTS, "/v5/market/orderbook")
    def orderbook(self, asked: Asked) -> Any:
        """An order book."""
        one = find(asked)
        if one is None:
            return NOT_SUPPORTED
        most = 200 if one.kind is Kind.SPOT else 500
        limit = int(asked.query.get("limit", 1 if one.kind is Kind.SPOT else 25))
        if not 1 <= limit <= most:
            return 10001, "params error: limit invalid", {}
        now = asked.world.millis()
        book = sides(asked.world.quote(one.symbol), one, limit)
        update = self.sequence.next(one.symbol)
        return {"s": one_id(one), **book, "ts": now, "u": update, "seq": update * 7, "cts": now - 3}

    @rest("GET", HOSTS, "/v5/market/kline")
    def kline(self, asked: Asked) -> Any:
        """Candles of days."""
        one = find(asked)
        if one is None:
            return NOT_SUPPORTED
        if asked.query.get("interval") != "D":
            return 10001, "Invalid period!", {}
        limit = min(int(asked.query.get("limit", 200)), 1000)
        since, until = int(asked.query.get("start", 0)), int(asked.query.get("end", 2**62))
        rows = []
        for candle in asked.world.candles(one.symbol):
            opened = millis(datetime(candle.day.year, candle.day.month, candle.day.day, tzinfo=UTC))
            if opened + DAY.total_seconds() * 1000 <= since or opened > until:
                continue
            prices = [text(value) for value in (candle.open, candle.high, candle.low, candle.close)]
            turnover = text((candle.volume * candle.close).quantize(Decimal("0.0001")))
            rows.append([str(opened), *prices, text(candle.volume), turnover])
        wanted = rows[:limit] if "start" in asked.query and "end" not in asked.query else rows[-limit:]
        return {"symbol": one_id(one), "category": asked.query["category"], "list": wanted[::-1]}

    @rest("GET", HOSTS, "/v5/market/funding/history")
    def funding_history(self, asked: Asked) -> Any:
        """Settled funding."""
        one = find(asked)
        if one is None or one.kind is not Kind.PERP:
            return NOT_SUPPORTED
        if "startTime" in asked.query and "endTime" not in asked.query:
            return 10001, "params error: endTime is required with startTime", {}
        since, until = int(asked.query.get("startTime", 0)), int(asked.query.get("endTime", 2**62))
        limit = min(int(asked.query.get("limit", 200)), 200)
        prints = [each for each in asked.world.prints(one.symbol) if since <= millis(each.time) <= until]
        rows = [
            {"symbol": one_id(one), "fundingRate": text(each.rate), "fundingRateTimestamp": str(millis(each.time))}
            for each in prints[-limit:][::-1]
        ]
        return {"category": "linear", "list": rows}

    @rest("GET", HOSTS, "/v5/market/open-interest")
    def open_interest(self, asked: Asked) -> Any:
        """What is open, in base units; the row of an hour ago is one lot less."""
        one = find(asked)
        if one is None or one.kind is not Kind.PERP:
            return NOT_SUPPORTED
        if asked.query.get("intervalTime") not in ("5min", "15min", "30min", "1h", "4h", "1d"):
            return 10001, "params error: intervalTime invalid", {}
        hour = asked.world.millis() // 3_600_000 * 3_600_000
        held = asked.world.open_interest(one.symbol)
        rows = [
            {"openInterest": text(held), "timestamp": str(hour)},
            {"openInterest": text(held - one.lot), "timestamp": str(hour - 3_600_000)},
        ]
        return {"symbol": one_id(one), "category": "linear", "list": rows, "nextPageCursor": ""}

    @rest("GET", HOSTS, "/v5/market/risk-limit")
    def risk_limit(self, asked: Asked) -> Any:
        """Margin tiers: of one symbol, or of all, fifteen symbols a page."""
        if asked.query.get("category") != "linear":
            return {"category": asked.query.get("category", ""), "list": [], "nextPageCursor": ""}
        if "symbol" in asked.query:
            one = find(asked)
            return NOT_SUPPORTED if one is None else {"category": "linear", "list": _tiers(one), "nextPageCursor": ""}
        listed = [one for one in asked.world.instruments().values() if one.kind is Kind.PERP]
        start = int(asked.query.get("cursor") or 0)
        page = listed[start : start + TIERS_A_PAGE]
        more = str(start + TIERS_A_PAGE) if start + TIERS_A_PAGE < len(listed) else ""
        return {"category": "linear", "list": [row for one in page for row in _tiers(one)], "nextPageCursor": more}


NOT_SUPPORTED: tuple[int, str, dict[str, str]] = (10001, "params error: symbol invalid", {})


def envelope(world: World, code: int, message: str, result: Any = None) -> dict[str, Any]:
    """What every answer is wrapped in."""
    return {"retCode": code, "retMsg": message, "result": result or {}, "retExtInfo": {}, "time": world.millis()}


def one_id(one: Instrument) -> str:
    """The vendor's name of a market."""
    return f"{one.asset}USDT"


def find(asked: Asked) -> Instrument | None:
    """What `symbol` names in the asked category; None where it is not listed."""
    return named(asked.world, asked.query.get("category", ""), asked.query.get("symbol", ""))


def named(world: World, category: str, symbol: str) -> Instrument | None:
    """What a symbol names in a category; None where it is not listed."""
    asset = symbol.removesuffix("USDT")
    if asset not in world.assets or category not in KINDS or not symbol.endswith("USDT"):
        return None
    unified = spot_symbol(asset) if category == "spot" else perp_symbol(asset)
    return world.look(asset).instruments.get(unified)


def sides(quote: Quote, one: Instrument, limit: int) -> dict[str, Any]:
    """Both sides of a book, best first."""
    return {
        "b": [[text(level.price, one.tick), text(level.size, one.lot)] for level in quote.bids[:limit]],
        "a": [[text(level.price, one.tick), text(level.size, one.lot)] for level in quote.asks[:limit]],
    }


def ticker(world: World, one: Instrument) -> dict[str, Any]:
    """A row of tickers."""
    quote, opened, volume = world.quote(one.symbol), world.last_close(one.asset), world.volume(one.symbol)
    bid, ask = quote.bids[0], quote.asks[0]
    change = (quote.mark / opened - ONE).quantize(Decimal("0.000001"))
    mark = text(quote.mark, one.tick)
    row = {
        "symbol": one_id(one),
        "bid1Price": text(bid.price, one.tick),
        "bid1Size": text(bid.size, one.lot),
        "ask1Price": text(ask.price, one.tick),
        "ask1Size": text(ask.size, one.lot),
        "lastPrice": mark,
        "prevPrice24h": text(opened),
        "price24hPcnt": text(change),
        "highPrice24h": text(max(opened, quote.mark)),
        "lowPrice24h": text(min(opened, quote.mark)),
        "turnover24h": text((volume * quote.mark).quantize(Decimal("0.0001"))),
        "volume24h": text(volume),
    }
    if one.kind is Kind.SPOT:
        return row | {"usdIndexPrice": text(quote.mark)}
    funding, held = world.funding(one.symbol), world.open_interest(one.symbol)
    return row | {
        "indexPrice": mark,
        "markPrice": mark,
        "prevPrice1h": mark,
        "openInterest": text(held),
        "openInterestValue": text((held * quote.mark).quantize(Decimal("0.01"))),
        "fundingRate": text(funding.rate),
        "nextFundingTime": str(millis(funding.next_at)),
        "fundingIntervalHour": str(funding.interval_hours),
        "fundingCap": "0.005",
        "predictedDeliveryPrice": "",
        "basisRate": "",
        "basis": "",
        "basisRateYear": "",
        "deliveryFeeRate": "",
        "deliveryTime": "0",
        "preOpenPrice": "",
        "preQty": "",
        "curPreListingPhase": "",
    }


def _tiers(one: Instrument) -> list[dict[str, Any]]:
    return [_tier(one, number, tier) for number, tier in enumerate(one.tiers, 1)]


def _tier(one: Instrument, number: int, tier: MarginTier) -> dict[str, Any]:
    highest = one.tiers[-1].floor * 2 or Decimal(1_000_000)
    return {
        "id": number,
        "symbol": one_id(one),
        "riskLimitValue": text(tier.cap if tier.cap is not None else highest),
        "maintenanceMargin": text(tier.rate),
        "initialMargin": text((ONE / tier.max_leverage).quantize(Decimal("0.000001"))),
        "isLowestRisk": int(number == 1),
        "maxLeverage": text(tier.max_leverage),
        "mmDeduction": text(tier.amount) if tier.amount else "",
    }


def _page(category: str, rows: list[dict[str, Any]], limit: int, cursor: str) -> dict[str, Any]:
    start, size = int(cursor or 0), min(limit, 1000)
    more = str(start + size) if start + size < len(rows) else ""
    return {"category": category, "list": rows[start : start + size], "nextPageCursor": more}
