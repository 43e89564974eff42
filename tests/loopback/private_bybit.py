"""Bybit's signed end points of a unified account: the key, the wallet, positions, and orders that wait.

Formats: bybit-exchange.github.io/docs/v5, "Get API Key Information", "Get Wallet Balance", "Get Account Info", "Get Position
Info", "Get Open & Closed Orders" (2026). Signatures are HMAC SHA-256, in hex, of time, key, window and query.
"""

from __future__ import annotations

import hmac
from decimal import Decimal
from typing import Any

from tests.loopback.custody import Booked, Held, Keeper, Resting, late, mark, unrealised
from tests.loopback.vendor import Answer, Asked, Route, rest

HOST = "api.bybit.com"


class BybitPrivate(Keeper):
    """One unified account, in isolated mode unless a position is cross."""

    def answer(self, asked: Asked, route: Route) -> Answer:
        """Only for who signs with the secret, in time; every answer has the same envelope."""
        refused = self._refusal(asked)
        given = refused or {"retCode": 0, "retMsg": "OK", "result": getattr(self, route.name)(asked)}
        return Answer({"retExtInfo": {}, "time": asked.world.millis(), "result": {}, **given})

    def _refusal(self, asked: Asked) -> dict[str, Any] | None:
        head = asked.headers
        at, window = head.get("X-BAPI-TIMESTAMP", ""), head.get("X-BAPI-RECV-WINDOW", "5000")
        if head.get("X-BAPI-API-KEY") != self.custody.key:
            return {"retCode": 10003, "retMsg": "API key is invalid."}
        signature = self.custody.signature(at + self.custody.key + window + asked.raw_query).hex()
        if not hmac.compare_digest(signature, head.get("X-BAPI-SIGN", "")):
            return {"retCode": 10004, "retMsg": "Error sign, please check your signature generation algorithm."}
        skew = (asked.world.now() - self.world.now()).total_seconds()
        if late(asked, at, float(window), skew):
            return {"retCode": 10002, "retMsg": "invalid request, please check your server timestamp or recv_window param."}
        return None

    @rest("GET", HOST, "/v5/user/query-api")
    def key(self, asked: Asked) -> Any:
        """What the key may do."""
        custody = self.custody
        return {
            "id": "13770661",
            "note": "cockpit",
            "apiKey": custody.key,
            "readOnly": 1 if custody.reads_only else 0,
            "secret": "",
            "permissions": {
                "ContractTrade": ["Order", "Position"] if custody.trade else [],
                "Spot": ["SpotTrade"] if custody.trade else [],
                "Wallet": ["AccountTransfer", *(["Withdraw"] if custody.withdraw else [])],
                "Options": [],
                "Derivatives": [],
            },
            "ips": ["*"],
            "expiredAt": "2027-01-01T00:00:00Z",
            "unified": 0,
            "uta": 1,
        }

    @rest("GET", HOST, "/v5/account/info")
    def info(self, asked: Asked) -> Any:
        """Margin mode of the account."""
        cross = any(held.margin is None for held in self.custody.positions)
        mode = "REGULAR_MARGIN" if cross else "ISOLATED_MARGIN"
        return {"unifiedMarginStatus": 6, "marginMode": mode, "isMasterTrader": False, "spotHedgingStatus": "OFF"}

    @rest("GET", HOST, "/v5/account/wallet-balance")
    def wallet(self, asked: Asked) -> Any:
        """Everything in one wallet."""
        if asked.query.get("accountType") != "UNIFIED":
            return {"list": []}
        pnl = sum((unrealised(asked, held) for held in self.custody.positions), Decimal(0))
        coins = [
            {
                "coin": coin,
                "equity": f"{held + (pnl if coin == 'USDT' else 0)}",
                "walletBalance": f"{held}",
                "locked": f"{self.custody.locked.get(coin, 0)}",
                "borrowAmount": f"{self.custody.borrowed.get(coin, 0)}",
                "accruedInterest": "0",
                "unrealisedPnl": f"{pnl if coin == 'USDT' else 0}",
            }
            for coin, held in self.custody.spot.items()
        ]
        return {"list": [{"accountType": "UNIFIED", "totalEquity": "0", "coin": coins}]}

    @rest("GET", HOST, "/v5/position/list")
    def positions(self, asked: Asked) -> Any:
        """Positions of one category, page by page; a symbol without one may be listed with size 0."""
        linear = asked.query.get("category") == "linear" and asked.query.get("settleCoin") == "USDT"
        rows = [self._position(asked, held) for held in self.custody.positions] if linear else []
        rows += [_odd(symbol) for symbol in self.custody.odd if _category(symbol) == self._asked_for(asked)]
        return self._paged(asked, rows)

    def _asked_for(self, asked: Asked) -> str:
        return asked.query.get("settleCoin") or "inverse"

    def _position(self, asked: Asked, held: Held) -> dict[str, Any]:
        stop = next((s for s in self.custody.stops if s.asset == held.asset and s.quantity is None), None)
        return {
            "positionIdx": 0 if not held.hedged else 1 if held.quantity > 0 else 2,
            "symbol": f"{held.asset}USDT",
            "side": "Buy" if held.quantity > 0 else "Sell",
            "size": f"{abs(held.quantity)}",
            "avgPrice": f"{held.entry}",
            "positionValue": f"{abs(held.quantity) * held.entry}",
            "leverage": f"{held.leverage}",
            "markPrice": f"{mark(asked, held.asset)}",
            "liqPrice": "" if held.liquidation is None else f"{held.liquidation}",
            "positionIM": f"{abs(held.quantity) * mark(asked, held.asset) / held.leverage:.8f}",
            "positionBalance": f"{held.margin or 0}",
            "tpslMode": "Full",
            "stopLoss": "" if stop is None else f"{stop.price}",
            "takeProfit": "",
            "unrealisedPnl": f"{unrealised(asked, held)}",
        }

    @rest("GET", HOST, "/v5/order/realtime")
    def orders(self, asked: Asked) -> Any:
        """Orders that wait for a trigger."""
        return self._paged(asked, [_order(n, stop) for n, stop in enumerate(self.custody.stops) if stop.quantity is not None])

    @rest("GET", HOST, "/v5/account/transaction-log")
    def log(self, asked: Asked) -> Any:
        """What changed the unified wallet, newest first; a span of more than a week is refused."""
        lines = reversed(self.custody.booked(asked))
        return self._paged(asked, [_logged(number, line) for number, line in lines])

    def _paged(self, asked: Asked, rows: list[dict[str, Any]]) -> dict[str, Any]:
        begin = int(asked.query.get("cursor") or 0)
        end = begin + min(self.custody.page, int(asked.query.get("limit", 20)))
        following = str(end) if end < len(rows) else ""
        return {"list": rows[begin:end], "nextPageCursor": following, "category": asked.query.get("category", "")}


def _logged(number: int, line: Booked) -> dict[str, Any]:
    kinds = {"transfer": "TRANSFER_IN" if line.amount > 0 else "TRANSFER_OUT", "funding": "SETTLEMENT"}
    funding, fee = (line.amount if line.kind == "funding" else 0), (-line.amount if line.kind == "fee" else 0)
    return {
        "id": f"592324_{number}",
        "symbol": "" if line.kind == "transfer" else "ETHUSDT",
        "category": {"transfer": "", "spot": "spot"}.get(line.kind, "linear"),
        "side": "None" if line.kind == "transfer" else "Sell",
        "transactionTime": f"{line.at * 1000:.0f}",
        "type": kinds.get(line.kind, "TRADE"),
        "currency": "USDT",
        "funding": f"{funding or ''}",
        "fee": f"{fee}",
        "cashFlow": f"{line.amount - funding + fee}",
        "change": f"{line.amount}",
    }


def _order(number: int, order: Resting) -> dict[str, Any]:
    up = order.buys is not order.profit
    return {
        "orderId": f"id-{number}",
        "orderLinkId": f"own-{number}",
        "symbol": f"{order.asset}USDT",
        "side": "Buy" if order.buys else "Sell",
        "orderType": "Market",
        "stopOrderType": "Stop",
        "qty": f"{order.quantity}",
        "triggerPrice": f"{order.price}",
        "triggerDirection": 1 if up else 2,
        "orderStatus": "Untriggered",
        "reduceOnly": order.reduces,
        "closeOnTrigger": False,
    }


def _category(symbol: str) -> str:
    return "USDC" if symbol.endswith("PERP") else "inverse" if symbol.endswith("USD") else "USDT"


def _odd(symbol: str) -> dict[str, Any]:
    return {"symbol": symbol, "side": "Buy", "size": "1", "avgPrice": "100", "leverage": "1", "positionIdx": 0}
