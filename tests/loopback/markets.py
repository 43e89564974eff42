"""What several vendors need of the world in the same way: what is listed, days as milliseconds, pieces of a series, numbers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec

from cockpit.model.instruments import Instrument, Kind, perp_symbol, spot_symbol
from cockpit.model.market import Level
from tests.loopback.world import Candle, World, millis

DAY = 86_400_000
"""Milliseconds of a day."""
LATEST = 2**62

_numbers = msgspec.json.Encoder(decimal_format="number")


def listed(world: World, kind: Kind) -> list[Instrument]:
    """Everything of a kind that is traded."""
    return [one for one in world.instruments().values() if one.kind is kind]


def of_asset(world: World, kind: Kind, asset: str) -> Instrument | None:
    """The pair or perpetual of an asset; None where it is not listed."""
    if asset not in world.assets:
        return None
    symbol = spot_symbol(asset) if kind is Kind.SPOT else perp_symbol(asset)
    return world.look(asset).instruments.get(symbol)


def opened(day: date) -> int:
    """When a day begins, in milliseconds."""
    return millis(datetime(day.year, day.month, day.day, tzinfo=UTC))


def days(world: World, one: Instrument, since: int = 0, until: int = LATEST) -> list[Candle]:
    """The days of a market that begin from `since` to `until`, oldest first."""
    return [candle for candle in world.candles(one.symbol) if since <= opened(candle.day) <= until]


def span(query: Mapping[str, str], start: str = "startTime", end: str = "endTime") -> tuple[int, int]:
    """The milliseconds between which something is asked for."""
    return int(query.get(start) or 0), int(query.get(end) or LATEST)


def decimals(step: Decimal) -> int:
    """How many places a step of 0.1, 0.01, … has."""
    return max(0, -step.normalize().as_tuple().exponent)  # type: ignore[operator]


def rows(levels: tuple[Level, ...], limit: int, unit: Decimal = Decimal(1)) -> list[list[str]]:
    """Levels as [price, size] in units of so many coins."""
    return [[f"{level.price:f}", plain(level.size / unit)] for level in levels[:limit]]


def plain(value: Decimal) -> str:
    """A plain decimal without idle zeros."""
    return f"{value.normalize():f}"


def as_numbers(body: Any) -> str:
    """JSON in which Decimals are numbers, as some vendors have them."""
    return _numbers.encode(body).decode()
