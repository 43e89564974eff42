"""Which tickers, symbols, accounts and venues a file may name."""

import re

from cockpit.model.instruments import perp_symbol, spot_symbol

ASSET = re.compile(r"[A-Z0-9]{1,20}", re.ASCII)
ACCOUNT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,31}", re.ASCII)
VENUE = re.compile(r"[a-z][a-z0-9_-]{0,31}", re.ASCII)
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,39}", re.ASCII)
"""A strategy, a preset or a theme: what a flag can name."""
COLOUR = re.compile(r"#[0-9a-fA-F]{6}", re.ASCII)


def is_spot_or_perp(symbol: str) -> bool:
    """Whether it is the spot pair or the USDT-linear perpetual of a ticker."""
    asset = symbol.partition("/")[0]
    return bool(ASSET.fullmatch(asset)) and symbol in (spot_symbol(asset), perp_symbol(asset))
