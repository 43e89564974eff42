"""OKX's signed end points of a trading account: configuration, balance, positions in contracts, algo orders.

Formats: okx.com/docs-v5, "Get account configuration", "Get balance", "Get positions", "Get algo order list" (2026).
Signatures are HMAC SHA-256, in base64, of time, method, path and query; a key has a passphrase besides.
"""

from __future__ import annotations

import base64
import hmac
from datetime import datetime
from decimal import Decimal
from typing import Any

from cockpit.model.instruments import perp_symbol
from cockpit.model.money import plain
from tests.loopback.custody import Held, Keeper, Resting, late, mark, unrealised
from tests.loopback.okx import HOST, contract
from tests.loopback.vendor import Answer, Asked, Route, rest

WINDOW = 30_000.0
"""Milliseconds."""


class OkxPrivate(Keeper):
    """One account."""

    def answer(self, asked: Asked, route: Route) -> Answer:
        """Only for who signs with the secret, in time; every answer has the same envelope."""
        refused = self._refusal(asked)
        if refused is not None:
            return Answer({"data": [], **refused}, 401)
        return Answer({"code": "0", "msg": "", "data": getattr(self, route.name)(asked)})

    def _refusal(self, asked: Asked) -> dict[str, Any] | None:
        head = asked.headers
        at = head.get("OK-ACCESS-TIMESTAMP", "")
        if head.get("OK-ACCESS-KEY") != self.custody.key:
            return {"code": "50111", "msg": "Invalid OK-ACCESS-KEY"}
        if head.get("OK-ACCESS-PASSPHRASE") != self.custody.password:
            return {"code": "50105", "msg": "Request header OK-ACCESS-PASSPHRASE incorrect."}
        query = f"?{asked.raw_query}" if asked.raw_query else ""
        signature = base64.b64encode(self.custody.signature(at + asked.method + asked.path + query)).decode()
        if not hmac.compare_digest(signature, head.get("OK-ACCESS-SIGN", "")):
            return {"code": "50113", "msg": "Invalid Sign"}
        skew = (asked.world.now() - self.world.now()).total_seconds()
        if late(asked, str(int(datetime.fromisoformat(at).timestamp() * 1000)), WINDOW, skew):
            return {"code": "50102", "msg": "Timestamp request expired"}
        return None

    @rest("GET", HOST, "/api/v5/account/config")
    def configuration(self, asked: Asked) -> Any:
        """What the key may do, and how the account is set."""
        rights = ["read_only", *(["trade"] if self.custody.trade else []), *(["withdraw"] if self.custody.withdraw else [])]
        return [{"uid": "44705892343619584", "acctLv": "2", "posMode": "net_mode", "perm": ",".join(rights), "ip": ""}]

    @rest("GET", HOST, "/api/v5/account/balance")
    def balance(self, asked: Asked) -> Any:
        """Every currency; the cash balance of USDT is without the margin of isolated positions."""
        positions = self.custody.positions
        margin = sum((held.margin for held in positions if held.margin is not None), Decimal(0))
        pnl = sum((unrealised(asked, held) for held in positions), Decimal(0))
        details = []
        for coin, held in self.custody.spot.items():
            cash = held - (margin if coin == "USDT" else 0)
            details.append(
                {
                    "ccy": coin,
                    "cashBal": plain(cash),
                    "eq": plain(held + (pnl if coin == "USDT" else 0)),
                    "isoEq": plain(margin if coin == "USDT" else Decimal(0)),
                    "upl": plain(pnl if coin == "USDT" else Decimal(0)),
                    "liab": plain(self.custody.borrowed.get(coin, Decimal(0))),
                    "stgyEq": "0",
                    "frozenBal": plain(self.custody.locked.get(coin, Decimal(0))),
                }
            )
        return [{"uTime": str(asked.world.millis()), "totalEq": "", "details": details}]

    @rest("GET", HOST, "/api/v5/account/positions")
    def positions(self, asked: Asked) -> Any:
        """Positions of every kind."""
        odd = [{"instId": name, "posSide": "net", "pos": "1", "mgnMode": "cross"} for name in self.custody.odd]
        return [*(self._position(asked, held) for held in self.custody.positions), *odd]

    def _position(self, asked: Asked, held: Held) -> dict[str, Any]:
        side = "net" if not held.hedged else "long" if held.quantity > 0 else "short"
        contracts = held.quantity / self._size(asked, held.asset)
        return {
            "instType": "SWAP",
            "instId": f"{held.asset}-USDT-SWAP",
            "mgnMode": "cross" if held.margin is None else "isolated",
            "posSide": side,
            "pos": plain(contracts if side == "net" else abs(contracts)),
            "avgPx": plain(held.entry),
            "markPx": plain(mark(asked, held.asset)),
            "lever": plain(held.leverage),
            "liqPx": "" if held.liquidation is None else plain(held.liquidation),
            "margin": "" if held.margin is None else plain(held.margin),
            "upl": plain(unrealised(asked, held)),
            "ccy": "USDT",
        }

    @rest("GET", HOST, "/api/v5/trade/orders-algo-pending")
    def algos(self, asked: Asked) -> Any:
        """Algo orders of one kind, newest first, 100 at most."""
        if asked.query.get("ordType") != "conditional":
            return []
        begin = int(asked.query.get("after", -1)) + 1
        page = list(enumerate(self.custody.stops))[begin : begin + min(self.custody.page, 100)]
        return [self._algo(asked, number, order) for number, order in page]

    def _algo(self, asked: Asked, number: int, order: Resting) -> dict[str, Any]:
        side = "tp" if order.profit else "sl"
        size = "" if order.quantity is None else plain(order.quantity / self._size(asked, order.asset))
        return {
            "algoId": str(number),
            "instId": f"{order.asset}-USDT-SWAP",
            "ordType": "conditional",
            "side": "buy" if order.buys else "sell",
            "posSide": "net",
            "sz": size,
            "closeFraction": "1" if order.quantity is None else "",
            "reduceOnly": "true" if order.reduces else "false",
            "slTriggerPx": "",
            "tpTriggerPx": "",
            "triggerPx": "",
            "state": "live",
        } | {f"{side}TriggerPx": plain(order.price)}

    def _size(self, asked: Asked, asset: str) -> Decimal:
        return contract(asked.world.instruments()[perp_symbol(asset)])
