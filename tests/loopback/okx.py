"""OKX V5: spot and USDT perpetuals (www.okx.com), public REST. Sizes of perpetuals count contracts; lists run newest first.

Formats: okx.com/docs-v5, "Public Data" and "Order Book Trading: Market Data" (2026).
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from cockpit.model.instruments import Instrument, Kind
from cockpit.model.money import ONE
from tests.loopback.markets import DAY, days, listed, of_asset, opened, plain, rows
from tests.loopback.vendor import Answer, Asked, Route, Vendor, rest
from tests.loopback.world import SMALLEST, World, millis, text

HOST = "www.okx.com"
KINDS = {"SPOT": Kind.SPOT, "SWAP": Kind.PERP}
LOTS = 10
"""Lots of the world in a contract; a tenth of a contract can be traded."""
UNKNOWN = Answer({"code": "51001", "msg": "Instrument ID, Instrument ID code, or Spread ID doesn't exist.", "data": []})


class Okx(Vendor):
    """Spot and linear perpetuals; of futures and options nothing is listed."""

    def answer(self, asked: Asked, route: Route) -> Answer:
        """Every answer in the envelope."""
        given = super().answer(asked, route)
        wrapped = isinstance(given.body, dict) and "code" in given.body
        return given if wrapped else Answer({"code": "0", "msg": "", "data": given.body}, given.status, given.headers)

    @rest("GET", HOST, "/api/v5/public/time")
    def time(self, asked: Asked) -> Any:
        """The vendor's clock."""
        return [{"ts": str(asked.world.millis())}]

    @rest("GET", HOST, "/api/v5/public/instruments")
    def instruments(self, asked: Asked) -> Any:
        """What is listed."""
        kind = KINDS.get(asked.query.get("instType", ""))
        if kind is None:
            return []
        told = [_listing(one) for one in listed(asked.world, kind)]
        return [*told, *_strange(told[0], kind)]

    @rest("GET", HOST, "/api/v5/market/tickers")
    def tickers(self, asked: Asked) -> Any:
        """Last and best prices."""
        kind = KINDS.get(asked.query.get("instType", ""))
        return [] if kind is None else [_ticker(asked.world, one) for one in listed(asked.world, kind)]

    @rest("GET", HOST, "/api/v5/public/mark-price")
    def marks(self, asked: Asked) -> Any:
        """Mark prices."""
        kind = KINDS.get(asked.query.get("instType", ""))
        world = asked.world
        return [
            {
                "instType": asked.query["instType"],
                "instId": one_id(one),
                "markPx": text(world.quote(one.symbol).mark, one.tick),
                "ts": str(world.millis()),
            }
            for one in (listed(world, kind) if kind is not None else [])
        ]

    @rest("GET", HOST, "/api/v5/market/books")
    def books(self, asked: Asked) -> Any:
        """An order book: price, size, a field without meaning, orders."""
        one = find(asked.world, asked.query.get("instId", ""))
        if one is None:
            return UNKNOWN
        limit = min(int(asked.query.get("sz", 1)), 400)
        quote, unit = asked.world.quote(one.symbol), contract(one)
        sides = {name: rows(levels, limit, unit) for name, levels in (("asks", quote.asks), ("bids", quote.bids))}
        return [
            {name: [[*row, "0", "3"] for row in side] for name, side in sides.items()}
            | {"ts": str(asked.world.millis()), "seqId": asked.world.millis()}
        ]

    @rest("GET", HOST, "/api/v5/market/(candles|history-candles)")
    def candles(self, asked: Asked) -> Any:
        """Days; those of 1D begin at 16:00 UTC, which is why 1Dutc is asked for."""
        one = find(asked.world, asked.query.get("instId", ""))
        if one is None:
            return UNKNOWN
        if asked.query.get("bar") != "1Dutc":
            return Answer({"code": "51000", "msg": "Parameter bar error", "data": []})
        most = min(int(asked.query.get("limit", 100)), 300)
        told = []
        for candle in days(asked.world, one):
            volume = plain(candle.volume / contract(one))
            prices = [text(value) for value in (candle.open, candle.high, candle.low, candle.close)]
            turnover = plain((candle.volume * candle.close).quantize(Decimal("0.0001")))
            open_day = opened(candle.day) + DAY > asked.world.millis()
            told.append([str(opened(candle.day)), *prices, volume, plain(candle.volume), turnover, "0" if open_day else "1"])
        return _piece(asked, told, 0, most)

    @rest("GET", HOST, "/api/v5/public/funding-rate")
    def funding(self, asked: Asked) -> Any:
        """The rate of the running interval; its payment, and the one after it."""
        wanted = asked.query.get("instId", "")
        perps = listed(asked.world, Kind.PERP)
        chosen = perps if wanted == "ANY" else [one for one in perps if one_id(one) == wanted]
        return [_funding(asked.world, one) for one in chosen] or UNKNOWN

    @rest("GET", HOST, "/api/v5/public/funding-rate-history")
    def funding_history(self, asked: Asked) -> Any:
        """Settled funding."""
        one = find(asked.world, asked.query.get("instId", ""))
        if one is None or one.kind is not Kind.PERP:
            return UNKNOWN
        told = [
            {
                "formulaType": "withRate",
                "instType": "SWAP",
                "instId": one_id(one),
                "fundingRate": text(print.rate + Decimal("0.000001")),
                "realizedRate": text(print.rate),
                "fundingTime": str(millis(print.time)),
                "method": "current_period",
            }
            for print in asked.world.prints(one.symbol)
        ]
        return _piece(asked, told, "fundingTime", min(int(asked.query.get("limit", 100)), 100))

    @rest("GET", HOST, "/api/v5/public/open-interest")
    def open_interest(self, asked: Asked) -> Any:
        """What is open: contracts, coins, USD."""
        world = asked.world
        if asked.query.get("instType") != "SWAP":
            return []
        told = []
        for one in listed(world, Kind.PERP):
            held = world.open_interest(one.symbol)
            value = (held * world.quote(one.symbol).mark * Decimal("1.0003")).quantize(Decimal("0.01"))
            told.append(
                {
                    "instType": "SWAP",
                    "instId": one_id(one),
                    "oi": plain(held / contract(one)),
                    "oiCcy": plain(held),
                    "oiUsd": text(value),
                    "ts": str(world.millis()),
                }
            )
        return told

    @rest("GET", HOST, "/api/v5/public/position-tiers")
    def tiers(self, asked: Asked) -> Any:
        """Margin tiers, bounded in contracts."""
        if asked.query.get("tdMode") not in ("isolated", "cross"):
            return Answer({"code": "50014", "msg": "Parameter tdMode can not be empty", "data": []})
        one = find(asked.world, asked.query.get("instFamily", "") + "-SWAP")
        wrong = Answer({"code": "51000", "data": [], "msg": "Parameter instFamily error"})
        return wrong if one is None else _tiers(asked.world, one)


def one_id(one: Instrument) -> str:
    """The vendor's name of a market."""
    return f"{one.asset}-USDT" + ("-SWAP" if one.kind is Kind.PERP else "")


def contract(one: Instrument) -> Decimal:
    """Coins in a contract; 1 on the spot market."""
    return one.lot * LOTS if one.kind is Kind.PERP else ONE


def find(world: World, name: str) -> Instrument | None:
    """What a name stands for; None where it is not listed."""
    asset, _, rest = name.partition("-")
    kind = {"USDT": Kind.SPOT, "USDT-SWAP": Kind.PERP}.get(rest)
    return None if kind is None else of_asset(world, kind, asset)


def tier_contracts(world: World, one: Instrument, notional: Decimal) -> Decimal:
    """A bound of a tier in whole contracts."""
    return (notional / world.quote(one.symbol).mark / contract(one)).quantize(ONE)


def _listing(one: Instrument) -> dict[str, Any]:
    perp = one.kind is Kind.PERP
    lot = plain(one.lot / contract(one))
    return {
        "instType": "SWAP" if perp else "SPOT",
        "instId": one_id(one),
        "instFamily": f"{one.asset}-USDT" if perp else "",
        "uly": f"{one.asset}-USDT" if perp else "",
        "baseCcy": "" if perp else one.asset,
        "quoteCcy": "" if perp else "USDT",
        "settleCcy": "USDT" if perp else "",
        "ctVal": plain(contract(one)) if perp else "",
        "ctMult": "1" if perp else "",
        "ctValCcy": one.asset if perp else "",
        "ctType": "linear" if perp else "",
        "lever": plain(one.tiers[0].max_leverage) if perp else "",
        "tickSz": text(one.tick),
        "lotSz": lot,
        "minSz": lot if perp else text(one.lot * SMALLEST),
        "alias": "",
        "contTdSwTime": "",
        "instCategory": "1",
        "instIdCode": 10459,
        "maxLmtAmt": "20000000",
        "maxMktAmt": "" if perp else "1000000",
        "openType": "call_auction" if perp else "fix_price",
        "optType": "",
        "stk": "",
        "tradeQuoteCcyList": [] if perp else ["USDT"],
        "upcChg": [],
        "maxLmtSz": "100000000",
        "maxMktSz": "1000000",
        "listTime": "1600000000000",
        "expTime": "",
        "state": "live",
        "ruleType": "normal",
        "category": "1",
    }


def _strange(row: dict[str, Any], kind: Kind) -> list[dict[str, Any]]:
    """A pair before its opening, without a name; contracts in coins and in USD, one that is paused, one before its opening."""
    if kind is Kind.SPOT:
        return [
            row | {"instId": "", "baseCcy": "", "state": "preopen"},
            row | {"instId": "ETH-BTC", "baseCcy": "ETH", "quoteCcy": "BTC"},
        ]
    inverse = {"instId": "BTC-USD-SWAP", "instFamily": "BTC-USD", "uly": "BTC-USD", "settleCcy": "BTC", "ctType": "inverse"}
    dollars = {"instId": "BTC-USD_UM-SWAP", "instFamily": "BTC-USD_UM", "uly": "BTC-USD", "settleCcy": "USD"}
    return [
        row | inverse,
        row | dollars,
        row | {"instId": "OLD-USDT-SWAP", "instFamily": "OLD-USDT", "uly": "OLD-USDT", "state": "suspend"},
        dict.fromkeys(row, "") | {"instType": "SWAP", "instId": "SOON-USDT-SWAP", "state": "preopen", "upcChg": []},
    ]


def _ticker(world: World, one: Instrument) -> dict[str, Any]:
    quote, unit, before = world.quote(one.symbol), contract(one), world.last_close(one.asset)
    bid, ask = quote.bids[0], quote.asks[0]
    volume = world.volume(one.symbol)
    return {
        "instType": "SWAP" if one.kind is Kind.PERP else "SPOT",
        "instId": one_id(one),
        "last": text(quote.mark, one.tick),
        "lastSz": plain(one.lot / unit),
        "askPx": text(ask.price, one.tick),
        "askSz": plain(ask.size / unit),
        "bidPx": text(bid.price, one.tick),
        "bidSz": plain(bid.size / unit),
        "open24h": text(before),
        "high24h": text(max(before, quote.mark)),
        "low24h": text(min(before, quote.mark)),
        "volCcy24h": plain(volume),
        "vol24h": plain(volume / unit),
        "sodUtc0": text(before),
        "sodUtc8": text(before),
        "ts": str(millis(quote.at)),
    }


def _funding(world: World, one: Instrument) -> dict[str, Any]:
    funding = world.funding(one.symbol)
    interval = int(funding.interval_hours * 3_600_000)
    return {
        "instType": "SWAP",
        "instId": one_id(one),
        "fundingRate": text(funding.rate),
        "formulaType": "withRate",
        "impactValue": "20000.0000000000000000",
        "interestRate": "0.0001000000000000",
        "premium": "-0.0004010920207754",
        "settFundingRate": "0.0000341625964238",
        "prevFundingTime": str(millis(funding.next_at) - interval),
        "nextFundingRate": "",
        "fundingTime": str(millis(funding.next_at)),
        "nextFundingTime": str(millis(funding.next_at) + interval),
        "minFundingRate": "-0.015",
        "maxFundingRate": "0.015",
        "method": "current_period",
        "settState": "settled",
        "ts": str(world.millis()),
    }


def _tiers(world: World, one: Instrument) -> list[dict[str, Any]]:
    told = []
    for number, tier in enumerate(one.tiers, 1):
        cap = tier.cap if tier.cap is not None else tier.floor * 2
        told.append(
            {
                "baseMaxLoan": "",
                "quoteMaxLoan": "",
                "optMgnFactor": "0",
                "instFamily": f"{one.asset}-USDT",
                "instId": "",
                "uly": f"{one.asset}-USDT",
                "tier": str(number),
                "minSz": plain(tier_contracts(world, one, tier.floor)),
                "maxSz": plain(tier_contracts(world, one, cap)),
                "mmr": text(tier.rate),
                "imr": text((ONE / tier.max_leverage).quantize(Decimal("0.000001"))),
                "maxLever": text(tier.max_leverage),
            }
        )
    return told


def _piece(asked: Asked, told: Sequence[Any], stamp: int | str, most: int) -> list[Any]:
    """The newest of what lies after `before` and before `after`, newest first: `before` alone gives the newest of all."""
    low, high = int(asked.query.get("before") or -1), int(asked.query.get("after") or 2**62)
    return [row for row in told if low < int(row[stamp]) < high][-most:][::-1]
