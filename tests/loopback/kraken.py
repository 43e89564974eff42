"""Kraken: spot (api.kraken.com) and perpetuals in USD (futures.kraken.com), public REST.

Formats: docs.kraken.com/api, "Spot REST: Market Data" and "Futures REST: Market Data" (2026). Bitcoin is XBT there.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from cockpit.model.instruments import Instrument, Kind
from tests.loopback.hyperliquid import hourly
from tests.loopback.markets import as_numbers, days, decimals, listed, of_asset, opened, plain
from tests.loopback.vendor import Answer, Asked, Route, Vendor, rest
from tests.loopback.world import SMALLEST, World, text

SPOT, FUTURES = "api.kraken.com", "futures.kraken.com"
OWN = {"BTC": "XBT", "DOGE": "XDG"}
ASSETS = {"BTC": "XXBT", "DOGE": "XXDG", "ETH": "XETH"}
NEWEST = 720
"""Candles of an answer, whatever the start."""


class Kraken(Vendor):
    """The spot market."""

    def answer(self, asked: Asked, route: Route) -> Answer:
        """Every answer in the envelope: errors, result."""
        given = super().answer(asked, route)
        if given.body is None:
            return Answer({"error": ["EQuery:Unknown asset pair"]})
        return Answer({"error": [], "result": given.body}, given.status, given.headers)

    @rest("GET", SPOT, "/0/public/Time")
    def time(self, asked: Asked) -> Any:
        """The vendor's clock."""
        now = asked.world.millis() // 1000
        return {"unixtime": now, "rfc1123": datetime.fromtimestamp(now, UTC).strftime("%a, %d %b %y %H:%M:%S +0000")}

    @rest("GET", SPOT, "/0/public/AssetPairs")
    def pairs(self, asked: Asked) -> Any:
        """Pairs: steps as places."""
        told = {
            pair(one): {
                "altname": pair(one),
                "wsname": f"{OWN.get(one.asset, one.asset)}/USDT",
                "aclass_base": "currency",
                "base": ASSETS.get(one.asset, one.asset),
                "aclass_quote": "currency",
                "quote": "USDT",
                "lot": "unit",
                "pair_decimals": decimals(one.tick),
                "cost_decimals": 5,
                "lot_decimals": decimals(one.lot),
                "lot_multiplier": 1,
                "leverage_buy": [2, 3],
                "leverage_sell": [2, 3],
                "fees": [],
                "fees_maker": [],
                "fee_volume_currency": "ZUSD",
                "margin_call": 80,
                "margin_stop": 40,
                "ordermin": text(one.lot * SMALLEST),
                "costmin": text(one.min_notional),
                "tick_size": text(one.tick),
                "status": "online",
                "execution_venue": "international",
            }
            for one in listed(asked.world, Kind.SPOT)
        }
        first = next(iter(told.values()))
        dollar = first | {"altname": "XBTUSD", "wsname": "XBT/USD", "quote": "ZUSD", "fees": [[0, 0.4]]}
        old = first | {"altname": "OLDUSDT", "wsname": "OLD/USDT", "base": "OLD", "status": "cancel_only"}
        old = {name: value for name, value in old.items() if not name.startswith("leverage")}
        return told | {"XXBTZUSD": dollar, "OLDUSDT": old}

    @rest("GET", SPOT, "/0/public/Ticker")
    def tickers(self, asked: Asked) -> Any:
        """Best and last prices: [price, whole lots, lots]."""
        told = {}
        for one in listed(asked.world, Kind.SPOT):
            quote, before = asked.world.quote(one.symbol), asked.world.last_close(one.asset)
            bid, ask = quote.bids[0], quote.asks[0]
            last, volume = text(quote.mark, one.tick), plain(asked.world.volume(one.symbol))
            told[pair(one)] = {
                "a": [text(ask.price, one.tick), str(int(ask.size)), plain(ask.size)],
                "b": [text(bid.price, one.tick), str(int(bid.size)), plain(bid.size)],
                "c": [last, plain(one.lot)],
                "v": [volume, volume],
                "p": [last, last],
                "t": [1000, 2000],
                "l": [text(min(before, quote.mark))] * 2,
                "h": [text(max(before, quote.mark))] * 2,
                "o": text(before),
            }
        return told

    @rest("GET", SPOT, "/0/public/Depth")
    def depth(self, asked: Asked) -> Any:
        """An order book: price, size, seconds."""
        one = find(asked.world, asked.query.get("pair", ""))
        if one is None:
            return None
        limit, now = min(int(asked.query.get("count", 100)), 500), asked.world.millis() // 1000
        quote = asked.world.quote(one.symbol)
        sides = {"asks": quote.asks, "bids": quote.bids}
        return {
            pair(one): {
                name: [[text(level.price, one.tick), plain(level.size), now] for level in side[:limit]]
                for name, side in sides.items()
            }
        }

    @rest("GET", SPOT, "/0/public/OHLC")
    def candles(self, asked: Asked) -> Any:
        """The newest days after `since`, the running one last."""
        one = find(asked.world, asked.query.get("pair", ""))
        if one is None or asked.query.get("interval") != "1440":
            return None
        since = int(asked.query.get("since") or 0) * 1000
        told = [
            [
                opened(day.day) // 1000,
                *(text(value) for value in (day.open, day.high, day.low, day.close, day.close)),
                text(day.volume),
                1000,
            ]
            for day in days(asked.world, one)[-NEWEST:]
            if opened(day.day) > since
        ]
        return {pair(one): told, "last": told[-2][0] if len(told) > 1 else 0}


class KrakenFutures(Vendor):
    """Perpetuals in USD; the amount of funding for a contract and hour is the world's rate times the mark price."""

    def answer(self, asked: Asked, route: Route) -> Answer:
        """Numbers are JSON numbers."""
        given = super().answer(asked, route)
        body = {"result": "success", "serverTime": stamp(asked.world.now()), **given.body}
        return Answer(as_numbers(body), given.status, given.headers)

    @rest("GET", FUTURES, "/derivatives/api/v3/instruments")
    def instruments(self, asked: Asked) -> Any:
        """Perpetuals, a dated one of the same type, an inverse one."""
        told = [
            {
                "symbol": perp(one),
                "type": "flexible_futures",
                "tickSize": one.tick,
                "contractSize": 1,
                "tradeable": True,
                "impactMidSize": 1,
                "maxPositionSize": 1000000,
                "openingDate": "2022-03-22T15:00:00Z",
                "marginLevels": [
                    {"numNonContractUnits": tier.floor, "initialMargin": tier.rate * 2, "maintenanceMargin": tier.rate}
                    for tier in one.tiers
                ],
                "fundingRateCoefficient": 8,
                "maxRelativeFundingRate": Decimal("0.0025"),
                "contractValueTradePrecision": decimals(one.lot),
                "postOnly": False,
                "mtf": True,
                "base": one.asset,
                "quote": "USD",
                "pair": f"{one.asset}:USD",
                "category": "Layer 1",
                "tradfi": False,
                "isExpired": False,
            }
            for one in listed(asked.world, Kind.PERP)
        ]
        levels = [{"contracts": 0, "initialMargin": Decimal("0.02"), "maintenanceMargin": Decimal("0.01")}]
        inverse = {"symbol": "PI_XBTUSD", "type": "futures_inverse", "underlying": "rr_xbtusd", "marginLevels": levels}
        dated = {"symbol": "FF_XBTUSD_261225", "lastTradingTime": "2026-12-25T08:00:00Z"}
        return {"instruments": [*told, told[0] | dated, told[0] | inverse]}

    @rest("GET", FUTURES, "/derivatives/api/v3/tickers")
    def tickers(self, asked: Asked) -> Any:
        """Best and mark prices, funding as an amount, open interest in coins."""
        told: list[dict[str, Any]] = []
        world, now = asked.world, stamp(asked.world.now())
        for one in listed(world, Kind.PERP):
            quote = world.quote(one.symbol)
            told.append(
                {
                    "symbol": perp(one),
                    "last": quote.mark,
                    "lastTime": now,
                    "tag": "perpetual",
                    "pair": f"{OWN.get(one.asset, one.asset)}:USD",
                    "markPrice": quote.mark,
                    "bid": quote.bids[0].price,
                    "bidSize": quote.bids[0].size,
                    "ask": quote.asks[0].price,
                    "askSize": quote.asks[0].size,
                    "vol24h": world.volume(one.symbol),
                    "openInterest": world.open_interest(one.symbol),
                    "open24h": world.last_close(one.asset),
                    "lastSize": one.lot,
                    "fundingRate": hourly(world, one) * quote.mark,
                    "fundingRatePrediction": hourly(world, one) * quote.mark * 2,
                    "suspended": False,
                    "indexPrice": quote.mark,
                    "postOnly": False,
                }
            )
        return {"tickers": [*told, {"symbol": "in_xbtusd", "last": 40411, "lastTime": now}]}

    @rest("GET", FUTURES, "/derivatives/api/v4/historicalfundingrates")
    def funding_history(self, asked: Asked) -> Any:
        """Every hour, oldest first: each settlement of the world as so many equal hours."""
        one = find_perp(asked.world, asked.query.get("symbol", ""))
        if one is None:
            return {"rates": []}
        mark = asked.world.quote(one.symbol).mark
        told = []
        for each in asked.world.prints(one.symbol):
            hours = int(each.interval_hours)
            for back in range(hours - 1, -1, -1):
                rate = each.rate / hours
                time = stamp(each.time - timedelta(hours=back))
                told.append({"timestamp": time, "fundingRate": rate * mark, "relativeFundingRate": rate})
        return {"rates": told}


def pair(one: Instrument) -> str:
    """The vendor's name of a pair."""
    return f"{OWN.get(one.asset, one.asset)}USDT"


def perp(one: Instrument) -> str:
    """The vendor's name of a perpetual."""
    return f"PF_{OWN.get(one.asset, one.asset)}USD"


def find(world: World, name: str) -> Instrument | None:
    """The pair of a name; None where it is not listed."""
    return of_asset(world, Kind.SPOT, _asset(name.removesuffix("USDT"))) if name.endswith("USDT") else None


def find_perp(world: World, name: str) -> Instrument | None:
    """The perpetual of a name; None where it is not listed."""
    return of_asset(world, Kind.PERP, _asset(name.removeprefix("PF_").removesuffix("USD")))


def stamp(at: datetime) -> str:
    """A time as it is printed there."""
    return at.strftime("%Y-%m-%dT%H:%M:%S.") + f"{at.microsecond // 1000:03d}Z"


def _asset(name: str) -> str:
    return next((asset for asset, own in OWN.items() if own == name), name)
