"""A long series by time, asked for piece by piece as the venue gives it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

from cockpit.markets.live.quoting import number
from cockpit.markets.venue_terms import Paging, Series

Ask = Callable[[str, int | None, int, dict[str, Any]], Awaitable[list[Any]]]
MOST_PIECES = 100
"""Pieces after which a venue that always says there is more is not believed."""


async def pages(ask: Ask, series: Series, symbol: str, since: datetime, end: datetime, stamp: Callable[[Any], Any]) -> list[Any]:
    """The rows from `since` to before `end`, in no order, perhaps with some twice. `stamp` reads a row's milliseconds."""
    first, last = _ms(since), _ms(end)
    match series.paging:
        case Paging.FORWARD:
            return await _forward(ask, series, symbol, first, last, stamp)
        case Paging.BACKWARD:
            return await _backward(ask, series, symbol, first, last, stamp)
        case Paging.PAGES:
            return await _numbered(ask, series, symbol, first, stamp)
        case Paging.NEWEST:
            return await ask(symbol, None, series.most, {})


async def _forward(ask: Ask, series: Series, symbol: str, first: int, last: int, stamp: Callable[[Any], Any]) -> list[Any]:
    """Of a span that holds more than a piece some give the oldest, others the newest: then nothing comes after the first piece,
    and what lies before it is asked for."""
    found: list[Any] = []
    begin, full = first, 0
    for _ in range(MOST_PIECES):
        rows = await ask(symbol, begin, series.most, {series.until: last} if series.until else {})
        found += rows
        newest = _edge(rows, stamp, max)
        full += len(rows) >= series.most
        if newest is None or newest < begin or newest + 1 >= last or len(rows) < series.most:
            break
        begin = newest + 1
    oldest = _edge(found, stamp, min)
    if series.until and full == 1 and len(found) == series.most and oldest is not None and oldest > first:
        found += await _older(ask, series, symbol, first, oldest, stamp)
    return found


async def _older(ask: Ask, series: Series, symbol: str, first: int, known: int, stamp: Callable[[Any], Any]) -> list[Any]:
    """The rows from `first` to before `known`; the end that is asked for may be in the answer."""
    found: list[Any] = []
    for _ in range(MOST_PIECES):
        rows = await ask(symbol, first, series.most, {series.until: known - 1})
        found += rows
        oldest = _edge(rows, stamp, min)
        if oldest is None or oldest >= known or oldest <= first or len(rows) < series.most:
            break
        known = oldest
    return found


async def _backward(ask: Ask, series: Series, symbol: str, first: int, last: int, stamp: Callable[[Any], Any]) -> list[Any]:
    found: list[Any] = []
    end = last
    for _ in range(MOST_PIECES):
        rows = await ask(symbol, None, series.most, {series.until: end})
        found += rows
        oldest = _edge(rows, stamp, min)
        if oldest is None or oldest >= end or oldest <= first or len(rows) < series.most:
            break
        end = oldest
    return found


async def _numbered(ask: Ask, series: Series, symbol: str, first: int, stamp: Callable[[Any], Any]) -> list[Any]:
    found: list[Any] = []
    before: int | None = None
    for page in range(1, MOST_PIECES + 1):
        rows = await ask(symbol, None, series.most, {series.until: page})
        found += rows
        oldest = _edge(rows, stamp, min)
        if oldest is None or oldest <= first or len(rows) < series.most or (before is not None and oldest >= before):
            break
        before = oldest
    return found


def _edge(rows: list[Any], stamp: Callable[[Any], Any], which: Callable[..., Any]) -> int | None:
    stamps = [int(value) for row in rows if (value := number(stamp(row))) is not None]
    return int(which(stamps)) if stamps else None


def _ms(time: datetime) -> int:
    return int(time.timestamp() * 1000)
