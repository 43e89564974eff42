"""MEXC's signed end points: spot balances, futures assets, positions in contracts, plan orders, stops of positions.

Formats: mexc.com/api-docs, "Account information", "Get all account assets", "Get open positions", "Get plan order list", "Get
stop orders". Signatures are HMAC SHA-256, in hex, of the query (spot), or of key, time and query (futures).
"""

from __future__ import annotations

import hmac
from decimal import Decimal
from typing import Any

from cockpit.model.instruments import perp_symbol
from cockpit.model.money import plain
from tests.loopback.custody import Held, Keeper, Resting, late, unrealised
from tests.loopback.markets import as_numbers
from tests.loopback.mexc import HOST, contract
from tests.loopback.vendor import Answer, Asked, Route, rest

FUTURES = "/api/v1/private"


class MexcPrivate(Keeper):
    """One account."""

    def answer(self, asked: Asked, route: Route) -> Answer:
        """Only for who signs with the secret, in time."""
        spot = not asked.path.startswith(FUTURES)
        refused = self._of_spot(asked) if spot else self._of_futures(asked)
        if refused is not None:
            return refused
        given = getattr(self, route.name)(asked)
        return Answer(given if spot else as_numbers({"success": True, "code": 0, "data": given}))

    def _of_spot(self, asked: Asked) -> Answer | None:
        query, _, signature = asked.raw_query.partition("&signature=")
        if asked.headers.get("X-MEXC-APIKEY") != self.custody.key:
            return Answer({"code": 10072, "msg": "Api key info invalid"}, 400)
        if not hmac.compare_digest(self.custody.signature(query).hex(), signature):
            return Answer({"code": 700002, "msg": "Signature for this request is not valid."}, 400)
        if late(asked, asked.query.get("timestamp", ""), float(asked.query.get("recvWindow", 5000)), self._skew(asked)):
            return Answer({"code": 700003, "msg": "Timestamp for this request is outside of the recvWindow."}, 400)
        return None

    def _of_futures(self, asked: Asked) -> Answer | None:
        at = asked.headers.get("Request-Time", "")
        if asked.headers.get("ApiKey") != self.custody.key:
            return Answer({"success": False, "code": 402, "message": "API Key expired or invalid!"})
        signature = self.custody.signature(self.custody.key + at + asked.raw_query).hex()
        if not hmac.compare_digest(signature, asked.headers.get("Signature", "")):
            return Answer({"success": False, "code": 602, "message": "Confirming signature failed!"})
        if late(asked, at, 10_000, self._skew(asked)):
            return Answer({"success": False, "code": 513, "message": "Request timestamp is invalid!"})
        return None

    def _skew(self, asked: Asked) -> float:
        return (asked.world.now() - self.world.now()).total_seconds()

    @rest("GET", HOST, "/api/v3/account")
    def account(self, asked: Asked) -> Any:
        """Spot balances; what the account may do says nothing of the key."""
        locked = self.custody.locked
        balances = [
            {"asset": asset, "free": plain(held - locked.get(asset, 0)), "locked": plain(Decimal(locked.get(asset, 0)))}
            for asset, held in self.custody.spot.items()
        ]
        return {"canTrade": True, "canWithdraw": True, "canDeposit": True, "accountType": "SPOT", "balances": balances}

    @rest("GET", HOST, f"{FUTURES}/account/assets")
    def assets(self, asked: Asked) -> Any:
        """Futures wallets."""
        pnl = sum((unrealised(asked, held) for held in self.custody.positions), Decimal(0))
        return [
            {
                "currency": asset,
                "cashBalance": held,
                "equity": held + (pnl if asset == "USDT" else 0),
                "unrealized": pnl if asset == "USDT" else Decimal(0),
                "bonus": Decimal(0),
            }
            for asset, held in self.custody.wallet.items()
        ]

    @rest("GET", HOST, f"{FUTURES}/position/open_positions")
    def positions(self, asked: Asked) -> Any:
        """Positions."""
        odd = [{"symbol": name, "positionType": 1, "openType": 1, "holdVol": 1} for name in self.custody.odd]
        return [*(self._position(asked, held) for held in self.custody.positions), *odd]

    def _position(self, asked: Asked, held: Held) -> dict[str, Any]:
        initial = abs(held.quantity) * held.entry / held.leverage
        return {
            "positionId": 1394650,
            "symbol": f"{held.asset}_USDT",
            "positionType": 1 if held.quantity > 0 else 2,
            "openType": 2 if held.margin is None else 1,
            "state": 1,
            "holdVol": abs(held.quantity) / self._size(asked, held.asset),
            "holdAvgPrice": held.entry,
            "liquidatePrice": held.liquidation or 0,
            "openAvgPrice": held.entry,
            "oim": initial,
            "im": held.margin if held.margin is not None else initial,
            "leverage": int(held.leverage),
        }

    @rest("GET", HOST, f"{FUTURES}/planorder/list/orders")
    def plans(self, asked: Asked) -> Any:
        """Orders that wait for a trigger."""
        return [
            {
                "id": number,
                "symbol": f"{order.asset}_USDT",
                "side": _side(order),
                "triggerPrice": order.price,
                "triggerType": 1 if order.buys is not order.profit else 2,
                "vol": order.quantity / self._size(asked, order.asset),
                "state": 1,
            }
            for number, order in enumerate(self.custody.stops)
            if order.quantity is not None
        ]

    @rest("GET", HOST, f"{FUTURES}/stoporder/list/orders")
    def stops(self, asked: Asked) -> Any:
        """Stops that are set on a position, for all of it."""
        held = {each.asset: each for each in self.custody.positions}
        return [
            {
                "id": number,
                "symbol": f"{order.asset}_USDT",
                "stopLossPrice": order.price,
                "positionType": 1 if held[order.asset].quantity > 0 else 2,
                "vol": abs(held[order.asset].quantity) / self._size(asked, order.asset),
                "stopLossVol": abs(held[order.asset].quantity) / self._size(asked, order.asset),
                "profitLossVolType": "SAME",
                "isFinished": 0,
            }
            for number, order in enumerate(self.custody.stops)
            if order.quantity is None and order.asset in held
        ]

    def _size(self, asked: Asked, asset: str) -> Decimal:
        return contract(asked.world.instruments()[perp_symbol(asset)])


def _side(order: Resting) -> int:
    """1 opens a long, 2 closes a short, 3 opens a short, 4 closes a long."""
    if order.buys:
        return 2 if order.reduces else 1
    return 4 if order.reduces else 3
