"""The venues whose accounts can be read, each with how."""

from cockpit.markets.accounts import binance, bybit, okx
from cockpit.markets.accounts.rows import Reader

READERS: dict[str, Reader] = {"binance": binance, "bybit": bybit, "okx": okx}
PASSWORDS = frozenset({"okx", "weex"})
"""Where a key has a password besides the secret."""
