"""DefiLlama: prices, total value locked and fees, by its free end points."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any, TypeVar
from urllib.parse import quote

import msgspec

from cockpit.markets.daily.series import DAY, Series, Table, exact, midnight, snapshot_day
from cockpit.markets.daily.vendor import Pause, Vendor
from cockpit.markets.live.fault import Fault, Kind
from cockpit.markets.live.http import Http
from cockpit.markets.live.meter import Meter

API = "https://api.llama.fi"
COINS = "https://coins.llama.fi"
POINTS = 500
"""Points of all coins together that one request for prices asks for."""
UNKNOWN = (400, 404)
"""What it answers to the name of a chain or a protocol that it does not have."""
LARGE_AT_ONCE = 2
"""Protocols whose whole history, tens of megabytes each, is in memory together."""
SLACK = timedelta(hours=2)
"""How far from midnight a price or a snapshot may be taken and still count as that of midnight."""
UNFINISHED = timedelta(hours=26)
"""The vendor's last point is of now until it is so old that an hourly refresh must have put a later one behind it."""
LATE = 2 * DAY
"""So long after its last snapshot a chain may only be late; after it, it is gone."""
MINOR = Decimal("0.05")
"""The share of a protocol's TVL that may be lacking in its sum."""
NOT_LOCKED = frozenset(("staking", "pool2", "borrowed", "vesting", "treasury", "offers", "doublecounted", "liquidstaking"))
"""What stands beside the chains and is not core TVL, by itself or behind a chain's name and a hyphen."""
ONE_TO_ONE = {
    **{"WETH": "ETH", "STETH": "ETH", "WBTC": "BTC", "WBNB": "BNB", "WAVAX": "AVAX", "WSOL": "SOL", "WMATIC": "MATIC"},
    **{"WFTM": "FTM", "USDC.E": "USDC", "BTCB": "BTC"},
}
"""Tokens that stand for one unit of an asset."""
RENAMED = {
    "curve": ("curve-finance",),
    "compound": ("compound-finance",),
    "makerdao": ("sky", "sky-lending"),
    "sushiswap": ("sushi",),
    "yearn": ("yearn-finance",),
}
"""What protocols may be called by the vendor since it sums their versions or they have another name; columns keep the first."""
Point = TypeVar("Point")
T = TypeVar("T")


class _Point(msgspec.Struct):
    date: float
    totalLiquidityUSD: float | None = None  # noqa: N815 - the vendor's name


class _Tokens(msgspec.Struct):
    date: float
    tokens: dict[str, float | None]


class _Chain(msgspec.Struct):
    tvl: list[_Point] | None = None
    tokens: list[msgspec.Raw] | None = None


class _Protocol(msgspec.Struct):
    chainTvls: dict[str, msgspec.Raw]  # noqa: N815 - the vendor's name


_protocol = msgspec.json.Decoder(_Protocol)
_chain = msgspec.json.Decoder(_Chain)
_tokens = msgspec.json.Decoder(_Tokens)


class Prices(Vendor):
    """Closes of coins by their CoinGecko ids."""

    async def closes(self, coins: Mapping[str, str], first: date, last: date) -> Table:
        """USD prices at 24:00 UTC of the days asked for; `coins` maps assets to ids. Unknown coins have no column."""
        pieces = []
        while first <= last:
            end = min(last, first + (POINTS - 1) * DAY)
            span = (end - first).days + 1
            each = max(1, POINTS // span)
            assets = list(coins)
            pieces += [self._piece(assets[at : at + each], coins, first, span) for at in range(0, len(assets), each)]
            first = end + DAY
        found: Table = {}
        for piece in await asyncio.gather(*pieces):
            for asset, series in piece.items():
                found.setdefault(asset, {}).update(series)
        return found

    async def _piece(self, assets: Sequence[str], coins: Mapping[str, str], first: date, span: int) -> Table:
        keys = {asset: f"coingecko:{coins[asset]}" for asset in assets}
        start = int(midnight(first + DAY).timestamp())
        answer = await self.get(
            f"{COINS}/chart/{quote(','.join(keys.values()), safe=',:')}",
            {"start": str(start), "span": str(span), "period": "1d"},
        )
        try:
            listed = {asset: answer["coins"][key]["prices"] for asset, key in keys.items() if key in answer["coins"]}
            return {asset: _closes(points) for asset, points in listed.items()}
        except (KeyError, TypeError, AttributeError):
            raise self.unreadable("the chart of prices has another shape") from None


class Chains(Vendor):
    """Total value locked and fees."""

    def __init__(self, meter: Meter, http: Http, pause: Pause = asyncio.sleep) -> None:
        super().__init__(meter, http, pause)
        self._large = asyncio.Semaphore(LARGE_AT_ONCE)

    async def total(self, first: date, now: datetime) -> Series:
        """TVL of all of DeFi in USD from `first` on by the day of its 00:00 UTC snapshot, without liquid staking."""
        answer = await self.get(f"{API}/v2/historicalChainTvl")
        try:
            return _snapshots([(point["date"], point["tvl"]) for point in answer], first, now)
        except (KeyError, TypeError):
            raise self.unreadable("the TVL has another shape") from None

    async def protocol(self, slug: str, assets: frozenset[str], first: date, now: datetime) -> tuple[Series, Table]:
        """(TVL of a protocol in USD, units of `assets` locked in it), both from `first` on by the day of the snapshot."""
        async with self._large:
            body = await self._by_name(slug, lambda name: self.get(f"{API}/protocol/{name}", whole=True, absent=UNKNOWN))
            try:
                return await asyncio.to_thread(_decode, body, assets, first, now)
            except (msgspec.DecodeError, UnicodeDecodeError):
                raise self.unreadable(f"the TVL of {slug} has another shape") from None

    async def fees(self, name: str, first: date, last: date, now: datetime) -> Series:
        """USD paid a day: as gas on a chain, or by the users of a protocol, by its name.

        The vendor's overview of a chain is something else: what all protocols on it take. Its last day may lack its last hours,
        and counts once it cannot.
        """
        asked = {"excludeTotalDataChart": "false", "excludeTotalDataChartBreakdown": "true", "dataType": "dailyFees"}
        answer = await self._by_name(name, lambda name: self.get(f"{API}/summary/fees/{name}", asked, absent=UNKNOWN))
        try:
            points = _snapshots([(stamp, usd) for stamp, usd in answer["totalDataChart"]], first, now)
        except (KeyError, TypeError, ValueError):
            raise self.unreadable(f"the fees of {name} have another shape") from None
        return {day: usd for day, usd in points.items() if day <= last}

    async def _by_name(self, name: str, ask: Callable[[str], Awaitable[T]]) -> T:
        """What the vendor has under a name, or under what it may have renamed it to. Fault(MISSING) where there is nothing."""
        *others, last = (quote(one, safe="") for one in (name, *RENAMED.get(name, ())))
        for one in others:
            try:
                return await ask(one)
            except Fault as fault:
                if fault.kind is not Kind.MISSING:
                    raise
        return await ask(last)


def _closes(points: Sequence[Mapping[str, Any]]) -> Series:
    """By the day that ended at the midnight to which a price is nearest."""
    best: dict[date, tuple[timedelta, Decimal]] = {}
    for point in points:
        price, day = exact(point["price"]), snapshot_day(point["timestamp"], SLACK)
        if price is None or day is None:
            continue
        off = abs(timedelta(seconds=float(point["timestamp"])) - timedelta(seconds=midnight(day).timestamp()))
        if day - DAY not in best or off < best[day - DAY][0]:
            best[day - DAY] = (off, price)
    return {day: price for day, (_, price) in best.items()}


def _snapshots(points: Sequence[tuple[Any, Any]], first: date, now: datetime) -> Series:
    """The points taken at midnight, without the last one while it may be of now."""
    return _dated(_finished(points, now), first)


def _finished(points: Sequence[tuple[Any, Point]], now: datetime) -> list[tuple[Any, Point]]:
    """(stamp, what it says) in the order of time, without the last one while it may be of now. TypeError as `_dated`."""
    ordered = sorted(points, key=lambda point: point[0])
    young = ordered and now.timestamp() - ordered[-1][0] < UNFINISHED.total_seconds()
    return ordered[:-1] if young else ordered


def _dated(points: Sequence[tuple[Any, Any]], first: date) -> Series:
    """Numbers by the midnight of their stamp, from a day on. TypeError for a stamp that is no number."""
    begin = midnight(first - DAY).timestamp()
    dated = [(snapshot_day(stamp, SLACK), exact(usd)) for stamp, usd in points if stamp >= begin]
    return {day: usd for day, usd in dated if day is not None and usd is not None and day >= first}


def _decode(body: bytes, assets: frozenset[str], first: date, now: datetime) -> tuple[Series, Table]:
    """Sums the chains; of each only what is asked for is decoded, chain by chain, so that no call takes long.

    A day on which a large chain was not read has no sum: the rest of them would look like a loss.
    """
    chains: list[Series] = []
    units: Table = {}
    for name, raw in _protocol.decode(body).chainTvls.items():
        if name in NOT_LOCKED or name.rpartition("-")[2] in NOT_LOCKED:
            continue
        chain = _chain.decode(raw)
        chains.append(_snapshots([(point.date, point.totalLiquidityUSD) for point in chain.tvl or ()], first, now))
        _add_units(units, chain.tokens or (), assets, first, now)
    usd = _summed(chains)
    snapshots = usd.keys()
    return usd, {asset: {day: amount for day, amount in series.items() if day in snapshots} for asset, series in units.items()}


def _summed(chains: Sequence[Series]) -> Series:
    """The sum of every day on which chains of at most MINOR of it are lacking, by what they last had."""
    total: Series = {}
    known = [(series, max(series) + LATE) for series in chains if series]
    last = [Decimal(0)] * len(known)
    for day in sorted({day for series, _ in known for day in series}):
        lacking = sum(
            (had for had, (series, end) in zip(last, known, strict=True) if day not in series and day <= end), Decimal(0)
        )
        there = sum((series[day] for series, _ in known if day in series), Decimal(0))
        if lacking <= MINOR * (there + lacking):
            total[day] = there
        last = [series.get(day, had) for had, (series, _) in zip(last, known, strict=True)]
    return total


def _add_units(units: Table, points: Sequence[msgspec.Raw], assets: frozenset[str], first: date, now: datetime) -> None:
    """Adds what is locked on a chain at its midnights, read from the newest back to `first`."""
    seen: set[date] = set()
    for raw in reversed(points):
        point = _tokens.decode(raw)
        day = snapshot_day(point.date, SLACK)
        if day is None or day in seen or (raw is points[-1] and now.timestamp() - point.date < UNFINISHED.total_seconds()):
            continue
        if day < first:
            return
        seen.add(day)
        for token, amount in point.tokens.items():
            asset = ONE_TO_ONE.get(token.upper(), token.upper())
            value = exact(amount)
            if asset in assets and value is not None and value >= 0:
                series = units.setdefault(asset, {})
                series[day] = series.get(day, Decimal(0)) + value
