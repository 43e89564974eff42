"""The venues whose accounts can be read, each with how, and with what of an account is read."""

from cockpit.markets.accounts import binance, bingx, bybit, mexc, okx
from cockpit.markets.accounts.rows import Books, Reader

READERS: dict[str, Reader] = {"binance": binance, "bybit": bybit, "okx": okx, "bingx": bingx, "mexc": mexc}
BOOKS: dict[str, Books] = {"binance": binance.books, "bybit": bybit.books, "bingx": bingx.books}
"""Those that tell in one list what changed the wallet that backs positions; at the others nobody can say."""
SCOPE = {
    "binance": "the spot and USD-M futures wallets are read; funding, margin, earn and option wallets are not",
    "bybit": "the unified account is read; the funding and earn wallets are not",
    "okx": "the trading account is read; the funding and earn wallets are not",
    "bingx": "the spot and perpetual futures wallets are read; fund, standard contract and earn wallets are not",
    "mexc": "the spot and futures wallets are read; fiat, funding and earn wallets are not",
}
PASSWORDS = frozenset({"okx", "weex"})
"""Where a key has a password besides the secret."""
