"""Hyperliquid: perpetuals in USDC (api.hyperliquid.xyz), the public requests of POST /info. Funding is hourly.

Formats: hyperliquid.gitbook.io/hyperliquid-docs, "Info endpoint" (2026).
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import Any

from cockpit.model.instruments import Instrument, Kind
from tests.loopback.markets import LATEST, decimals, listed, of_asset, plain
from tests.loopback.vendor import Answer, Asked, Vendor, rest
from tests.loopback.world import World, millis, text

HOST = "api.hyperliquid.xyz"
MOST = 500
"""Rows of a funding history."""


class Hyperliquid(Vendor):
    """Perpetuals; what is asked for stands in the body."""

    @rest("POST", HOST, "/info")
    def info(self, asked: Asked) -> Any:
        """The one end point."""
        body = asked.json()
        match body.get("type"):
            case "exchangeStatus":
                return {"specialStatuses": None, "time": asked.world.millis()}
            case "metaAndAssetCtxs":
                return _meta(asked.world)
            case "fundingHistory":
                return _history(asked.world, body)
        return Answer("Failed to deserialize the JSON body into the target type", 422)


def hourly(world: World, one: Instrument) -> Decimal:
    """The world's funding, for an hour."""
    funding = world.funding(one.symbol)
    return funding.rate / funding.interval_hours


def _meta(world: World) -> list[Any]:
    universe: list[dict[str, Any]] = []
    contexts: list[dict[str, Any]] = []
    for one in listed(world, Kind.PERP):
        quote = world.quote(one.symbol)
        mark = text(quote.mark, one.tick)
        universe.append(
            {
                "szDecimals": decimals(one.lot),
                "name": one.asset,
                "maxLeverage": int(one.tiers[0].max_leverage),
                "marginTableId": 50,
            }
        )
        contexts.append(
            {
                "funding": plain(hourly(world, one)),
                "openInterest": plain(world.open_interest(one.symbol)),
                "prevDayPx": text(world.last_close(one.asset)),
                "dayNtlVlm": plain(world.volume(one.symbol) * quote.mark),
                "premium": "0.0001",
                "oraclePx": mark,
                "markPx": mark,
                "midPx": mark,
                "impactPxs": [text(quote.bids[-1].price), text(quote.asks[-1].price)],
                "dayBaseVlm": plain(world.volume(one.symbol)),
            }
        )
    universe.append({"szDecimals": 0, "name": "OLD", "maxLeverage": 3, "marginTableId": 3, "isDelisted": True})
    contexts.append({"funding": "0.0", "openInterest": "0.0", "markPx": "0.5", "midPx": None, "impactPxs": None})
    return [{"universe": universe, "marginTables": [], "collateralToken": 0}, contexts]


def _history(world: World, body: dict[str, Any]) -> Any:
    """Every settlement of the world as so many equal hours, each a little after the hour."""
    one = of_asset(world, Kind.PERP, body.get("coin", ""))
    if one is None:
        return Answer("null", 500)
    since, until = int(body["startTime"]), int(body.get("endTime") or LATEST)
    told = []
    for each in world.prints(one.symbol):
        hours = int(each.interval_hours)
        for back in range(hours - 1, -1, -1):
            time = millis(each.time - timedelta(hours=back)) + 31
            if since <= time <= until:
                told.append({"coin": one.asset, "fundingRate": plain(each.rate / hours), "premium": "0.0001", "time": time})
    return told[:MOST]
