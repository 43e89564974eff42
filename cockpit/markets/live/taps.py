"""The venues whose order books are streamed, and what each needs in the place of ccxt's own.

Imported by the network thread only: it loads ccxt.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import ccxt

from cockpit.markets.live.tap import BinanceTap, BybitTap, Tap


class OkxTap(Tap):
    """OKX: updates name the one that they follow on, and ccxt looks; a refusal names the instrument in its text only."""

    words = frozenset({"pong"})

    def handle_error_message(self, client: Any, message: Any) -> Any:
        """ccxt's, of anything but a refused subscription; that one fails alone."""
        failed = isinstance(message, dict) and message.get("event") == "error"
        named = re.search(r"channel:([\w-]+),instId:([\w-]+)", str(message.get("msg"))) if failed else None
        if named is None:
            return super().handle_error_message(client, message)  # type: ignore[misc]
        channel, market_id = named.groups()
        symbol = self.safe_symbol(market_id)  # type: ignore[attr-defined]
        self.refuse(client, f"{channel}:{symbol}", ccxt.BadSymbol(str(message["msg"])))
        return False


TAPS: dict[str, type[Tap]] = {"binance": BinanceTap, "bybit": BybitTap, "okx": OkxTap}
"""By ccxt's name of the class."""


def tapped(made: Any, told: Callable[[str], None], *, depth: int, rate: str = "") -> Any:
    """`made` as an instance that streams books of `depth` levels to `told`; `rate` is Binance's milliseconds between updates."""
    made.__class__ = type(made.id, (TAPS[made.id], type(made)), {})
    made.begin(told, depth=depth, rate=rate)
    return made
