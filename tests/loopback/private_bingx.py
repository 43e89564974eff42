"""BingX's signed end points: the key's permissions, spot balances, the perpetual wallet, positions, open orders.

Formats: bingx-api.github.io/docs, "Query Assets", "Query account data" V3, "Query position data", "Current All Open Orders".
Signatures are HMAC SHA-256, in hex, of the query before it is encoded.
"""

from __future__ import annotations

import hmac
from typing import Any
from urllib.parse import parse_qsl

from cockpit.model.money import plain
from tests.loopback.bingx import HOST
from tests.loopback.custody import Held, Keeper, Resting, late, mark, unrealised
from tests.loopback.vendor import Answer, Asked, Route, rest

INCOME = {"transfer": "TRANSFER", "pnl": "REALIZED_PNL", "fee": "TRADING_FEE", "funding": "FUNDING_FEE"}


class BingXPrivate(Keeper):
    """One account."""

    def answer(self, asked: Asked, route: Route) -> Answer:
        """Only for who signs with the secret, in time; every answer has the same envelope."""
        refused = self._refusal(asked)
        return Answer(refused or {"code": 0, "msg": "", "data": getattr(self, route.name)(asked)})

    def _refusal(self, asked: Asked) -> dict[str, Any] | None:
        if asked.headers.get("X-BX-APIKEY") != self.custody.key:
            return {"code": 100413, "msg": "Incorrect apiKey"}
        query, _, signature = asked.raw_query.partition("&signature=")
        text = "&".join(f"{name}={value}" for name, value in parse_qsl(query, keep_blank_values=True))
        if not hmac.compare_digest(self.custody.signature(text).hex(), signature):
            return {"code": 100001, "msg": "Signature verification failed"}
        skew = (asked.world.now() - self.world.now()).total_seconds()
        if late(asked, asked.query.get("timestamp", ""), 5000, skew):
            return {"code": 100421, "msg": "timestamp mismatch"}
        return None

    @rest("GET", HOST, "/openApi/v1/account/apiPermissions")
    def rights(self, asked: Asked) -> Any:
        """What the key may do."""
        return {
            "ipRestrict": False,
            "createTime": 1690000000000,
            "enableReading": True,
            "enableSpotAndMarginTrading": self.custody.trade,
            "enableWithdrawals": self.custody.withdraw,
            "enableInternalTransfer": False,
            "enableFutures": self.custody.trade,
            "permitsUniversalTransfer": False,
        }

    @rest("GET", HOST, "/openApi/spot/v1/account/balance")
    def balances(self, asked: Asked) -> Any:
        """Spot balances."""
        locked = self.custody.locked
        rows = [
            {"asset": asset, "free": plain(held - locked.get(asset, 0)), "locked": plain(held * 0 + locked.get(asset, 0))}
            for asset, held in self.custody.spot.items()
        ]
        return {"balances": rows}

    @rest("GET", HOST, "/openApi/swap/v3/user/balance")
    def wallets(self, asked: Asked) -> Any:
        """Perpetual wallets."""
        pnl = sum(unrealised(asked, held) for held in self.custody.positions)
        return [
            {"asset": asset, "balance": plain(held), "equity": plain(held + pnl), "unrealizedProfit": f"{pnl}"}
            for asset, held in self.custody.wallet.items()
        ]

    @rest("GET", HOST, "/openApi/swap/v2/user/positions")
    def positions(self, asked: Asked) -> Any:
        """Positions."""
        odd = [{"symbol": name, "positionSide": "LONG", "positionAmt": "1"} for name in self.custody.odd if name[-1] != "D"]
        return [*(self._position(asked, held) for held in self.custody.positions), *odd]

    def _position(self, asked: Asked, held: Held) -> dict[str, Any]:
        pnl = unrealised(asked, held)
        initial = abs(held.quantity) * held.entry / held.leverage
        margin = held.margin if held.margin is not None else initial
        return {
            "symbol": f"{held.asset}-USDT",
            "positionAmt": plain(abs(held.quantity)),
            "positionSide": "LONG" if held.quantity > 0 else "SHORT",
            "isolated": held.margin is not None,
            "avgPrice": plain(held.entry),
            "initialMargin": plain(initial),
            "margin": plain(margin + pnl),
            "leverage": int(held.leverage),
            "liquidationPrice": held.liquidation or 0,
            "unrealizedProfit": plain(pnl),
            "markPrice": plain(mark(asked, held.asset)),
            "onlyOnePosition": not held.hedged,
        }

    @rest("GET", HOST, "/openApi/swap/v2/user/income")
    def income(self, asked: Asked) -> Any:
        """What changed the perpetual wallet."""
        return [
            {
                "symbol": "" if line.kind == "transfer" else "ETH-USDT",
                "incomeType": INCOME[line.kind],
                "income": plain(line.amount),
                "asset": "USDT",
                "info": line.kind,
                "time": int(line.at * 1000),
                "tranId": f"170{number}",
                "tradeId": f"170{number}",
            }
            for number, line in self.custody.booked(asked)
        ]

    @rest("GET", HOST, "/openApi/cswap/v1/user/positions")
    def coin_margined(self, asked: Asked) -> Any:
        """Coin-margined contracts."""
        return [{"symbol": name, "positionSide": "LONG", "positionAmt": "3"} for name in self.custody.odd if name[-1] == "D"]

    @rest("GET", HOST, "/openApi/swap/v2/trade/openOrders")
    def orders(self, asked: Asked) -> Any:
        """Orders that wait."""
        return {"orders": [_order(number, order) for number, order in enumerate(self.custody.stops)]}


def _order(number: int, order: Resting) -> dict[str, Any]:
    return {
        "symbol": f"{order.asset}-USDT",
        "orderId": 1585839271162413056 + number,
        "side": "BUY" if order.buys else "SELL",
        "positionSide": "BOTH",
        "type": "TAKE_PROFIT_MARKET" if order.profit else "STOP_MARKET",
        "origQty": "0" if order.quantity is None else plain(order.quantity),
        "price": "0",
        "stopPrice": plain(order.price),
        "status": "NEW",
        "closePosition": "true" if order.quantity is None else "",
        "reduceOnly": order.reduces,
    }
