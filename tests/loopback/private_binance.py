"""Binance's signed end points: the key's permissions, the spot account, the USDⓈ-M futures account, conditional orders.

Formats: developers.binance.com, "API key permission", "Account information", "Position information V3", "Symbol configuration",
"Current all algo open orders" (2026). Signatures are HMAC SHA-256 of the query, in hex.
"""

from __future__ import annotations

import hmac
from typing import Any

from tests.loopback.custody import Held, Keeper, Resting, late, mark, unrealised
from tests.loopback.vendor import Answer, Asked, Options, Route, rest
from tests.loopback.world import World

SPOT, FUTURES, COIN = "api.binance.com", "fapi.binance.com", "dapi.binance.com"

INCOME = {"transfer": "TRANSFER", "pnl": "REALIZED_PNL", "fee": "COMMISSION", "funding": "FUNDING_FEE"}


class BinancePrivate(Keeper):
    """One account. `used` is the weight of this minute that it says is used."""

    def __init__(self, world: World, options: Options) -> None:
        super().__init__(world, options)
        self.used = 20

    def answer(self, asked: Asked, route: Route) -> Answer:
        """Only for who signs with the secret, in time."""
        answer = self._refusal(asked) or super().answer(asked, route)
        return Answer(answer.body, answer.status, {"X-MBX-USED-WEIGHT-1M": str(self.used)} | dict(answer.headers))

    def _refusal(self, asked: Asked) -> Answer | None:
        signed, _, signature = asked.raw_query.partition("&signature=")
        if asked.headers.get("X-MBX-APIKEY") != self.custody.key:
            return Answer({"code": -2015, "msg": "Invalid API-key, IP, or permissions for action."}, 401)
        if not hmac.compare_digest(self.custody.signature(signed).hex(), signature):
            return Answer({"code": -1022, "msg": "Signature for this request is not valid."}, 400)
        skew = (asked.world.now() - self.world.now()).total_seconds()
        if late(asked, asked.query.get("timestamp", ""), float(asked.query.get("recvWindow", 5000)), skew):
            return Answer({"code": -1021, "msg": "Timestamp for this request is outside of the recvWindow."}, 400)
        return None

    @rest("GET", SPOT, "/sapi/v1/account/apiRestrictions")
    def restrictions(self, asked: Asked) -> Any:
        """What the key may do."""
        return {
            "ipRestrict": False,
            "createTime": 1690000000000,
            "enableReading": True,
            "enableWithdrawals": self.custody.withdraw,
            "enableInternalTransfer": False,
            "enableMargin": False,
            "enableFutures": self.custody.trade,
            "permitsUniversalTransfer": False,
            "enableVanillaOptions": False,
            "enableSpotAndMarginTrading": self.custody.trade,
        }

    @rest("GET", SPOT, "/api/v3/account")
    def account(self, asked: Asked) -> Any:
        """Spot balances."""
        custody = self.custody
        return {
            "makerCommission": 10,
            "canTrade": True,
            "updateTime": asked.world.millis(),
            "accountType": "SPOT",
            "balances": [
                {
                    "asset": asset,
                    "free": f"{held - custody.locked.get(asset, 0):.8f}",
                    "locked": f"{custody.locked.get(asset, 0):.8f}",
                }
                for asset, held in custody.spot.items()
            ],
            "permissions": ["SPOT"],
        }

    @rest("GET", FUTURES, "/fapi/v3/account")
    def futures(self, asked: Asked) -> Any:
        """Futures wallets."""
        pnl = sum(unrealised(asked, held) for held in self.custody.positions)
        return {
            "totalWalletBalance": f"{self.custody.wallet.get('USDT', 0):.8f}",
            "assets": [
                {
                    "asset": asset,
                    "walletBalance": f"{held:.8f}",
                    "unrealizedProfit": f"{pnl if asset == 'USDT' else 0:.8f}",
                    "marginBalance": f"{held + (pnl if asset == 'USDT' else 0):.8f}",
                    "availableBalance": f"{held:.8f}",
                    "updateTime": 0,
                }
                for asset, held in self.custody.wallet.items()
            ],
            "positions": [],
        }

    @rest("GET", FUTURES, "/fapi/v3/positionRisk")
    def positions(self, asked: Asked) -> Any:
        """Positions that are there."""
        odd = [_position(symbol, "1", "100", "100", "0", "BOTH") for symbol in self.custody.odd if not symbol.endswith("PERP")]
        return [*(self._risk(asked, held) for held in self.custody.positions), *odd]

    def _risk(self, asked: Asked, held: Held) -> dict[str, Any]:
        side = "BOTH" if not held.hedged else "LONG" if held.quantity > 0 else "SHORT"
        isolated = "0" if held.margin is None else f"{held.margin:.8f}"
        told = _position(f"{held.asset}USDT", f"{held.quantity}", f"{held.entry}", f"{mark(asked, held.asset)}", isolated, side)
        return told | {"liquidationPrice": f"{held.liquidation or 0}"}

    @rest("GET", FUTURES, "/fapi/v1/symbolConfig")
    def configuration(self, asked: Asked) -> Any:
        """Leverage and margin mode of every symbol."""
        return [
            {
                "symbol": f"{held.asset}USDT",
                "marginType": "CROSSED" if held.margin is None else "ISOLATED",
                "isAutoAddMargin": False,
                "leverage": int(held.leverage),
                "maxNotionalValue": "1000000",
            }
            for held in self.custody.positions
        ]

    @rest("GET", FUTURES, "/fapi/v1/openAlgoOrders")
    def conditional(self, asked: Asked) -> Any:
        """Conditional orders."""
        return [self._order(asked, number, order) for number, order in enumerate(self.custody.stops)]

    def _order(self, asked: Asked, number: int, order: Resting) -> dict[str, Any]:
        return {
            "algoId": 2148627 + number,
            "clientAlgoId": f"own{number}",
            "algoType": "CONDITIONAL",
            "orderType": "TAKE_PROFIT_MARKET" if order.profit else "TRAILING_STOP_MARKET" if order.trailing else "STOP_MARKET",
            "symbol": f"{order.asset}USDT",
            "side": "BUY" if order.buys else "SELL",
            "positionSide": "BOTH",
            "timeInForce": "GTC",
            "quantity": "0" if order.quantity is None else f"{order.quantity}",
            "algoStatus": "NEW",
            "triggerPrice": f"{order.price}",
            "price": "0.00",
            "workingType": "MARK_PRICE",
            "closePosition": order.quantity is None,
            "priceProtect": False,
            "reduceOnly": order.reduces,
            "createTime": asked.world.millis(),
            "updateTime": asked.world.millis(),
        }

    @rest("GET", FUTURES, "/fapi/v1/openOrders")
    def working(self, asked: Asked) -> Any:
        """Orders on the book: none."""
        return []

    @rest("GET", FUTURES, "/fapi/v1/income")
    def income(self, asked: Asked) -> Any:
        """What changed the futures wallet, oldest first, page by page."""
        size = int(asked.query.get("limit", 100))
        begin = (int(asked.query.get("page", 1)) - 1) * size
        rows = [
            {
                "symbol": "" if line.kind == "transfer" else "ETHUSDT",
                "incomeType": INCOME[line.kind],
                "income": f"{line.amount:.8f}",
                "asset": "USDT",
                "info": INCOME[line.kind],
                "time": int(line.at * 1000),
                "tranId": 9689322392 + number,
                "tradeId": "" if line.kind == "transfer" else "2059192",
            }
            for number, line in self.custody.booked(asked)
        ]
        return rows[begin : begin + size]

    @rest("GET", COIN, "/dapi/v1/positionRisk")
    def coin_margined(self, asked: Asked) -> Any:
        """Coin-margined contracts; one without a position is listed too."""
        odd = [symbol for symbol in self.custody.odd if symbol.endswith("PERP")]
        return [_position(symbol, "3" if symbol in odd else "0", "100", "100", "0", "BOTH") for symbol in ["BTCUSD_PERP", *odd]]


def _position(symbol: str, quantity: str, entry: str, mark_price: str, isolated: str, side: str) -> dict[str, Any]:
    return {
        "symbol": symbol,
        "positionSide": side,
        "positionAmt": quantity,
        "entryPrice": entry,
        "breakEvenPrice": entry,
        "markPrice": mark_price,
        "unRealizedProfit": "0.00000000",
        "liquidationPrice": "0",
        "isolatedMargin": isolated,
        "isolatedWallet": isolated,
        "marginAsset": "USDT",
        "updateTime": 1720736417660,
    }
