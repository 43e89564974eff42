"""Whether each source of the live market answers from here: every one asked once, all at the same time, within seconds."""

from __future__ import annotations

import asyncio
import concurrent.futures
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from cockpit.markets.daily import coinmetrics, llama, sentiment
from cockpit.markets.live.budget import Budget
from cockpit.markets.live.fault import Fault, Kind
from cockpit.markets.live.http import Http
from cockpit.markets.live.meter import Meter
from cockpit.markets.live.network import Network
from cockpit.markets.venue_terms import Capabilities
from cockpit.markets.venues import COMMON_OPTIONS, VENUES
from cockpit.model.sources import LiveSettings

DEADLINE = 6.0
"""Seconds that each source has for its answer."""
WITHIN = 9.0
"""Seconds after which nobody is waited for any more, whatever holds them up."""
DAY = timedelta(days=1)
BLOCK = {"jsonrpc": "2.0", "id": 1, "method": "eth_getBlockByNumber", "params": ["latest", False]}


class Probe(Struct, frozen=True, kw_only=True):
    """What one source answered. `fault` is the kind of what went wrong, "" where nothing did, `sentence` says it in words.

    `latency_ms` is that of the one question. `clock_ahead_s` is how far the clock of this machine is ahead of the source's, None
    where it tells no time; some tell it in whole seconds. `left` is what it says is left of its limits.
    """

    name: str
    used_for: str
    reachable: bool
    latency_ms: int | None = None
    clock_ahead_s: float | None = None
    left: str = ""
    fault: str = ""
    sentence: str = ""


class _Asked:
    """A source to be asked: `question` asks it, tells `meter`, and gives how far our clock is ahead, where that is told."""

    def __init__(self, meter: Meter, used_for: str, question: Callable[[], Awaitable[float | None]]) -> None:
        self.meter, self.used_for, self._question = meter, used_for, question

    async def answer(self) -> Probe:
        """What it answers within the deadline."""
        try:
            ahead = await asyncio.wait_for(self._question(), DEADLINE)
        except TimeoutError:
            return self.silent()
        except Fault as fault:
            return self._failed(fault)
        seen = self.meter.line()
        latency = None if seen.latency is None else round(seen.latency / timedelta(milliseconds=1))
        name, used_for = self.meter.name, self.used_for
        return Probe(name=name, used_for=used_for, reachable=True, latency_ms=latency, clock_ahead_s=ahead, left=seen.left)

    def silent(self) -> Probe:
        """What is said of a source that does not answer in time."""
        return self._failed(Fault(Kind.TIMEOUT))

    def _failed(self, fault: Fault) -> Probe:
        name, left = self.meter.name, self.meter.line().left
        sentence = fault.sentence(name)
        return Probe(name=name, used_for=self.used_for, reachable=False, left=left, fault=fault.kind.value, sentence=sentence)


def probe(settings: LiveSettings, clock: Callable[[], datetime] | None = None) -> tuple[Probe, ...]:
    """Ask every source of the settings a cheap question, venues first. Comes back within seconds, whoever answers or not."""
    # Loading ccxt takes seconds on a small server, which no source is to blame for: nobody has been asked yet.
    from cockpit.markets.live import exchange  # noqa: F401

    now = clock or (lambda: datetime.now(UTC))
    network, http = Network("probe"), Http(settings.gateway, deadline=DEADLINE)
    network.at_end(http.close)

    def meter(name: str) -> Meter:
        return Meter(name, now, through=settings.gateway or "")

    instances: dict[str, Any] = {}
    asked = [*_venues(settings, meter, instances, now), *_vendors(settings, meter, http, now)]
    heard: list[Probe | None] = [None] * len(asked)

    async def run() -> None:
        # What is made takes the loop for a while: it would count as latency if anybody was asked before it is all there.
        for id in settings.venues:
            instances[id] = _instance(id, settings, next(one.meter for one in asked if one.meter.name == VENUES[id].name))
        network.at_end(lambda: _close(instances))

        async def ask(place: int) -> None:
            heard[place] = await asked[place].answer()

        await asyncio.gather(*map(ask, range(len(asked))))

    concurrent.futures.wait([network.start(run())], WITHIN)
    network.close()
    return tuple(one.silent() if found is None else found for one, found in zip(asked, heard, strict=True))


async def _close(instances: dict[str, Any]) -> None:
    await asyncio.gather(*(made.close() for made in instances.values()), return_exceptions=True)


def _instance(id: str, settings: LiveSettings, meter: Meter) -> Any:
    """An instance of ccxt with its session open, as everything else of the venue is asked."""
    from cockpit.markets.live.exchange import instance

    row = VENUES[id]
    options = {**COMMON_OPTIONS, **row.options}
    made = instance(row.classes[0], Budget(row.budgets, meter.leaves), gateway=settings.gateway, options=options)
    made.open()
    return made


def _venues(
    settings: LiveSettings, meter: Callable[[str], Meter], instances: dict[str, Any], now: Callable[[], datetime]
) -> list[_Asked]:
    def venue(id: str, place: int) -> _Asked:
        row = VENUES[id]
        asked, used_for = meter(row.name), ", ".join(_uses(row))

        async def question() -> float | None:
            return await _ahead(instances[id], asked, now)

        return _Asked(asked, f"{used_for}, in reserve" if place else used_for, question)

    return [venue(id, place) for place, id in enumerate(settings.venues)]


def _uses(row: Capabilities) -> Iterator[str]:
    """What a venue is asked for, by its row of the table."""
    quoted = [side for side in row.sides if side.quoted]
    if quoted:
        yield "quotes, order books"
    if any(side.funding for side in row.sides):
        yield "funding"
    if any(side.open_interest for side in quoted):
        yield "open interest"
    if any(side.candles for side in row.sides):
        yield "daily candles"


async def _ahead(made: Any, meter: Meter, now: Callable[[], datetime]) -> float | None:
    """Ask a venue for its time: how many seconds our clock is ahead of it at least, whichever way took the time of the answer."""
    from cockpit.markets.live.exchange import answered

    asked = now().timestamp()
    told = await answered(made.fetch_time())
    meter.good(made.seconds)
    if told is None:
        return None
    least, most = (at - float(told) / 1000 for at in (asked, now().timestamp()))
    return round(min(max(0.0, least), most), 1) + 0.0  # no minus before a zero


def _vendors(settings: LiveSettings, meter: Callable[[str], Meter], http: Http, now: Callable[[], datetime]) -> list[_Asked]:
    """The sources of the daily history, each with the smallest of the questions that the collector asks it."""
    midnight = datetime.combine(now().date(), datetime.min.time(), UTC)

    def get(name: str, used_for: str, url: str, **params: str) -> _Asked:
        asked = meter(name)

        async def question() -> None:
            await http.get(asked, url, params)

        return _Asked(asked, used_for, question)

    def node(url: str, place: int) -> _Asked:
        asked = meter(urlsplit(url).hostname or url)

        async def question() -> None:
            await http.post(asked, url, BLOCK)

        return _Asked(asked, "gas of Ethereum, in reserve" if place else "gas of Ethereum", question)

    start, day = str(int(midnight.timestamp())), f"{midnight - DAY:%Y-%m-%d}"
    metric = {"assets": "btc", "metrics": "ReferenceRateUSD", "frequency": "1d", "start_time": day, "end_time": day}
    return [
        get("DefiLlama prices", "daily closes", f"{llama.COINS}/chart/coingecko:bitcoin", start=start, span="1", period="1d"),
        get("DefiLlama", "TVL and fees", f"{llama.API}/v2/historicalChainTvl"),
        get("Coin Metrics", "transactions; closes and fees in reserve", coinmetrics.URL, **metric),
        *(node(url, place) for place, url in enumerate(settings.ethereum)),
        get("alternative.me", "fear and greed", sentiment.URL, limit="1", format="json"),
    ]
