"""Binance: spot (api.binance.com) and USDⓈ-M futures (fapi.binance.com), public REST; of coin-margined ones the listing.

Formats: developers.binance.com, "Spot REST API: market data endpoints" and "USDⓈ-M Futures: market data" (2026).
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from cockpit.model.instruments import Instrument, Kind, perp_symbol, spot_symbol
from cockpit.model.market import Quote
from tests.loopback import binance_listing as listing
from tests.loopback.limits import Weights
from tests.loopback.sequence import Sequence
from tests.loopback.vendor import Answer, Asked, Options, Route, Vendor, rest
from tests.loopback.world import Candle, World, millis, text

SPOT, FUTURES, COIN_MARGINED = "api.binance.com", "fapi.binance.com", "dapi.binance.com"
DAY = timedelta(days=1)
UNKNOWN = Answer({"code": -1121, "msg": "Invalid symbol."}, 400)
WEIGHTS = {
    (SPOT, "exchangeInfo"): 20,
    (SPOT, "ticker/24hr"): 80,
    (SPOT, "ticker/bookTicker"): 4,
    (SPOT, "ticker/price"): 4,
    (SPOT, "klines"): 2,
    (FUTURES, "ticker/24hr"): 40,
    (FUTURES, "ticker/bookTicker"): 5,
    (FUTURES, "ticker/price"): 2,
    (FUTURES, "premiumIndex"): 10,
    (FUTURES, "fundingRate"): 1,
    (FUTURES, "fundingInfo"): 1,
}
ONE_SYMBOL = {"ticker/24hr": {SPOT: 2, FUTURES: 1}, "ticker/bookTicker": {SPOT: 2, FUTURES: 2}, "premiumIndex": {FUTURES: 1}}
"""Weights: of the whole market, and of one symbol."""


class Binance(Vendor):
    """Spot and USDⓈ-M futures."""

    def __init__(self, world: World, options: Options) -> None:
        super().__init__(world, options)
        self.sequence = Sequence()
        self.weights = {SPOT: Weights(6000), FUTURES: Weights(2400), COIN_MARGINED: Weights(2400)}

    def answer(self, asked: Asked, route: Route) -> Answer:
        """Every answer says what of the minute's weight is used."""
        weights = self.weights[asked.host]
        refused = weights.spend(_weight(asked), asked.world)
        answer = refused or super().answer(asked, route)
        used = {"X-MBX-USED-WEIGHT-1M": str(weights.used)}
        if asked.host == SPOT:
            used["X-MBX-USED-WEIGHT"] = str(weights.used)
        return Answer(answer.body, answer.status, used | dict(answer.headers))

    @rest("GET", SPOT, "/api/v3/ping")
    @rest("GET", FUTURES, "/fapi/v1/ping")
    def ping(self, asked: Asked) -> Any:
        """Nothing."""
        return {}

    @rest("GET", SPOT, "/api/v3/time")
    @rest("GET", FUTURES, "/fapi/v1/time")
    def time(self, asked: Asked) -> Any:
        """The vendor's clock."""
        return {"serverTime": asked.world.millis()}

    @rest("GET", SPOT, "/api/v3/exchangeInfo")
    def spot_listing(self, asked: Asked) -> Any:
        """Every pair with its filters."""
        return listing.spot(asked.world, self.options.padding)

    @rest("GET", FUTURES, "/fapi/v1/exchangeInfo")
    def futures_listing(self, asked: Asked) -> Any:
        """Every contract with its filters."""
        return listing.futures(asked.world, self.options.padding)

    @rest("GET", COIN_MARGINED, "/dapi/v1/exchangeInfo")
    def coin_margined_listing(self, asked: Asked) -> Any:
        """A contract in which nobody here trades."""
        return listing.coin_margined(asked.world)

    @rest("GET", SPOT, "/api/v3/ticker/24hr")
    @rest("GET", FUTURES, "/fapi/v1/ticker/24hr")
    def day(self, asked: Asked) -> Any:
        """What the last 24 hours were."""
        return _of_each(asked, lambda one, quote: ticker_24h(asked, one, quote))

    @rest("GET", SPOT, "/api/v3/ticker/bookTicker")
    @rest("GET", FUTURES, "/fapi/v1/ticker/bookTicker")
    def best(self, asked: Asked) -> Any:
        """Best bids and asks."""

        def row(one: Instrument, quote: Quote) -> dict[str, Any]:
            bid, ask = quote.bids[0], quote.asks[0]
            row: dict[str, Any] = {
                "symbol": one_id(one),
                "bidPrice": price(one, bid.price),
                "bidQty": amount(one, bid.size),
                "askPrice": price(one, ask.price),
                "askQty": amount(one, ask.size),
            }
            if one.kind is Kind.PERP:
                row |= {"time": millis(quote.at), "lastUpdateId": self.sequence.next(one.symbol)}
            return row

        return _of_each(asked, row)

    @rest("GET", SPOT, "/api/v3/ticker/price")
    @rest("GET", FUTURES, "/fapi/v1/ticker/price")
    def last(self, asked: Asked) -> Any:
        """Last prices."""
        return _of_each(asked, lambda one, quote: {"symbol": one_id(one), "price": price(one, quote.mark)})

    @rest("GET", SPOT, "/api/v3/depth")
    @rest("GET", FUTURES, "/fapi/v1/depth")
    def depth(self, asked: Asked) -> Any:
        """An order book."""
        one = find(asked)
        if one is None:
            return UNKNOWN
        limit = int(asked.query.get("limit", 100 if asked.host == SPOT else 500))
        if asked.host == FUTURES and limit not in (5, 10, 20, 50, 100, 500, 1000):
            return Answer({"code": -4021, "msg": f"Invalid depth limit '{limit}'."}, 400)
        quote = asked.world.quote(one.symbol)
        book: dict[str, Any] = {"lastUpdateId": self.sequence.snapshot(one.symbol, quote)}
        if asked.host == FUTURES:
            book |= {"E": asked.world.millis(), "T": asked.world.millis() - 2}
        return book | {
            "bids": [[price(one, level.price), amount(one, level.size)] for level in quote.bids[:limit]],
            "asks": [[price(one, level.price), amount(one, level.size)] for level in quote.asks[:limit]],
        }

    @rest("GET", SPOT, "/api/v3/klines")
    @rest("GET", FUTURES, "/fapi/v1/klines")
    def klines(self, asked: Asked) -> Any:
        """Candles of days."""
        one = find(asked)
        if one is None:
            return UNKNOWN
        if asked.query.get("interval") != "1d":
            return Answer({"code": -1120, "msg": "Invalid interval."}, 400)
        limit = min(int(asked.query.get("limit", 500)), 1000 if asked.host == SPOT else 1500)
        since, until = _span(asked)
        candles = [candle for candle in asked.world.candles(one.symbol) if since <= _opened(candle) <= until]
        wanted = candles[:limit] if "startTime" in asked.query else candles[-limit:]
        return [_kline(one, candle) for candle in wanted]

    @rest("GET", FUTURES, "/fapi/v1/premiumIndex")
    def premium(self, asked: Asked) -> Any:
        """Mark prices and funding of perpetuals."""
        rows = _of_each(asked, lambda one, quote: _premium(asked, one, quote))
        if isinstance(rows, list):
            rows += listing.strange_premiums(asked.world)
        return rows

    @rest("GET", FUTURES, "/fapi/v1/fundingInfo")
    def funding_info(self, asked: Asked) -> Any:
        """Which contracts differ from the usual eight hours, cap or floor."""
        world = asked.world
        return [
            {
                "symbol": one_id(one),
                "adjustedFundingRateCap": "0.02000000",
                "adjustedFundingRateFloor": "-0.02000000",
                "fundingIntervalHours": int(world.funding(one.symbol).interval_hours),
                "disclaimer": False,
                "updateTime": world.millis() - 86_400_000,
            }
            for one in contracts(world)
            if world.funding(one.symbol).interval_hours != 8 or one.asset in listing.ADJUSTED
        ]

    @rest("GET", FUTURES, "/fapi/v1/fundingRate")
    def funding_history(self, asked: Asked) -> Any:
        """Settled funding, oldest first; without a start the newest."""
        one = find(asked)
        if one is None:
            return UNKNOWN
        limit = min(int(asked.query.get("limit", 100)), 1000)
        since, until = _span(asked)
        prints = [each for each in asked.world.prints(one.symbol) if since <= millis(each.time) <= until]
        wanted = prints[:limit] if "startTime" in asked.query else prints[-limit:]
        mark = price(one, asked.world.quote(one.symbol).mark)
        return [
            {"symbol": one_id(one), "fundingTime": millis(each.time), "fundingRate": eight(each.rate), "markPrice": mark}
            for each in wanted
        ]

    @rest("GET", FUTURES, "/fapi/v1/openInterest")
    def open_interest(self, asked: Asked) -> Any:
        """What is open, in base units."""
        one = find(asked)
        if one is None:
            return UNKNOWN
        held = amount(one, asked.world.open_interest(one.symbol))
        return {"openInterest": held, "symbol": one_id(one), "time": asked.world.millis()}


def one_id(one: Instrument) -> str:
    """The vendor's name of a market."""
    return f"{one.asset}USDT"


def price(one: Instrument, value: Decimal) -> str:
    """A price as printed: eight places on the spot market, those of the tick on futures."""
    return text(value, Decimal("0.00000001") if one.kind is Kind.SPOT else one.tick)


def amount(one: Instrument, value: Decimal) -> str:
    """A quantity as printed."""
    return text(value, Decimal("0.00000001") if one.kind is Kind.SPOT else one.lot)


def eight(value: Decimal) -> str:
    """A rate as printed."""
    return text(value, Decimal("0.00000001"))


def contracts(world: World) -> list[Instrument]:
    """The perpetuals that are listed."""
    return [one for one in world.instruments().values() if one.kind is Kind.PERP]


def find(asked: Asked) -> Instrument | None:
    """What `symbol` names on this host; None where it is not listed."""
    asset = asked.query.get("symbol", "").removesuffix("USDT")
    if asset not in asked.world.assets:
        return None
    symbol = spot_symbol(asset) if asked.host == SPOT else perp_symbol(asset)
    return asked.world.look(asset).instruments.get(symbol)


def ticker_24h(asked: Asked, one: Instrument, quote: Quote) -> dict[str, Any]:
    """A row of ticker/24hr."""
    world = asked.world
    opened, volume = world.last_close(one.asset), world.volume(one.symbol)
    change = quote.mark - opened
    row: dict[str, Any] = {
        "symbol": one_id(one),
        "priceChange": price(one, change),
        "priceChangePercent": f"{change / opened * 100:.3f}",
        "weightedAvgPrice": price(one, quote.mark),
        "lastPrice": price(one, quote.mark),
        "lastQty": amount(one, one.lot),
        "openPrice": price(one, opened),
        "highPrice": price(one, max(opened, quote.mark)),
        "lowPrice": price(one, min(opened, quote.mark)),
        "volume": amount(one, volume),
        "quoteVolume": text((volume * quote.mark).quantize(Decimal("0.01"))),
        "openTime": world.millis() - 86_400_000,
        "closeTime": world.millis(),
        "firstId": 1_000_000,
        "lastId": 1_999_999,
        "count": 1_000_000,
    }
    if one.kind is Kind.SPOT:
        bid, ask = quote.bids[0], quote.asks[0]
        row |= {
            "prevClosePrice": price(one, opened),
            "bidPrice": price(one, bid.price),
            "bidQty": amount(one, bid.size),
            "askPrice": price(one, ask.price),
            "askQty": amount(one, ask.size),
        }
    return row


def _of_each(asked: Asked, row: Any) -> Any:
    if "symbol" in asked.query:
        one = find(asked)
        return UNKNOWN if one is None else row(one, asked.world.quote(one.symbol))
    kind = Kind.SPOT if asked.host == SPOT else Kind.PERP
    listed = asked.world.instruments().values()
    return [row(one, asked.world.quote(one.symbol)) for one in listed if one.kind is kind]


def _premium(asked: Asked, one: Instrument, quote: Quote) -> dict[str, Any]:
    funding, mark = asked.world.funding(one.symbol), eight(quote.mark)
    return {
        "symbol": one_id(one),
        "markPrice": mark,
        "indexPrice": mark,
        "estimatedSettlePrice": mark,
        "lastFundingRate": eight(funding.rate),
        "interestRate": "0.00010000",
        "nextFundingTime": millis(funding.next_at),
        "time": millis(quote.at),
    }


def _kline(one: Instrument, candle: Candle) -> list[Any]:
    opened = _opened(candle)
    volume, turnover = amount(one, candle.volume), text((candle.volume * candle.close).quantize(Decimal("0.01")))
    prices = [text(value) for value in (candle.open, candle.high, candle.low, candle.close)]
    return [opened, *prices, volume, opened + 86_400_000 - 1, turnover, 1000, volume, turnover, "0"]


def _opened(candle: Candle) -> int:
    return millis(datetime(candle.day.year, candle.day.month, candle.day.day, tzinfo=UTC))


def _span(asked: Asked) -> tuple[int, int]:
    return int(asked.query.get("startTime", 0)), int(asked.query.get("endTime", 2**62))


def _weight(asked: Asked) -> int:
    name = asked.path.split("/", 3)[3]
    if name == "depth":
        limit = int(asked.query.get("limit", 500))
        if asked.host == SPOT:
            return next((weight for most, weight in ((100, 5), (500, 25), (1000, 50)) if limit <= most), 250)
        return next((weight for most, weight in ((50, 2), (100, 5), (500, 10)) if limit <= most), 20)
    if name == "klines" and asked.host == FUTURES:
        limit = int(asked.query.get("limit", 500))
        return next((weight for below, weight in ((100, 1), (500, 2), (1001, 5)) if limit < below), 10)
    if "symbol" in asked.query and name in ONE_SYMBOL:
        return ONE_SYMBOL[name][asked.host]
    return WEIGHTS.get((asked.host, name), 1)
