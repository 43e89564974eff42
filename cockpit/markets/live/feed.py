"""The live market: venues in the trader's order, the first that answers gives the quotes; the history lies in a folder.

All asking is done by one network thread. Callers get what is known, with its true age, and never wait but in `wait_for` and
`history`.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import time
from collections.abc import Callable, Collection, Coroutine, Hashable, Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from cockpit.markets.live.attendance import Attendance
from cockpit.markets.live.board import Board
from cockpit.markets.live.fault import Fault, Kind
from cockpit.markets.live.meter import Meter
from cockpit.markets.live.past import newest_day, read_past
from cockpit.markets.live.shelf import Shelf
from cockpit.markets.live.strangers import Close, last_closes, strangers
from cockpit.markets.venues import VENUES, check_named
from cockpit.model.assets import Universe
from cockpit.model.errors import BadInput, MarketUnavailable
from cockpit.model.instruments import QUOTE, perp_symbol, spot_symbol
from cockpit.model.market import MarketLabel, MarketSnapshot
from cockpit.model.sources import Health, LiveSettings, Source

if TYPE_CHECKING:
    from cockpit.markets.daily.collector import Collector
    from cockpit.markets.live.budget import Budget
    from cockpit.markets.live.http import Http
    from cockpit.markets.live.network import Network
    from cockpit.signals.history import MarketHistory

LAST = "last.json"
KEEP_EVERY = 60.0
"""Seconds between two savings of what was said last."""
COLLECT_EVERY = 3600.0
COLLECT_AGAIN = 120.0
COLLECT_FIRST = 15.0
"""Seconds until the daily history is asked for again: after it was got, after it was not, and where there is none at all."""
HISTORY_WAIT = 45.0
"""Seconds that a caller waits for a history that is behind, and uses it as it is after that."""
FIRST_HISTORY_WAIT = 180.0
"""The same where there is none at all."""
SETTLED = timedelta(minutes=3)
"""After the end of a day its close is not everywhere at once."""
LATE = timedelta(minutes=30)
"""After the end of a day its close is missing, if nobody has it by then."""
LOOK = 20.0
"""Seconds between two looks at the clock: it goes on while the machine sleeps."""

log = logging.getLogger(__name__)


class LiveFeed:
    """The market as it is now. `shelf` is the folder of the recorded market that it keeps; `clock` gives UTC."""

    label = MarketLabel.LIVE
    ticks = True
    source = "live"

    def __init__(
        self, settings: LiveSettings, *, universe: Universe, shelf: Shelf, clock: Callable[[], datetime] | None = None
    ) -> None:
        check_named(settings.venues)
        self._settings = settings
        self._universe = universe
        self._shelf = shelf
        self._clock = clock or (lambda: datetime.now(UTC))
        self._meters = {
            venue: Meter(VENUES[venue].name, self._clock, through=settings.gateway or "") for venue in settings.venues
        }
        self._board = Board(settings.venues, self._clock)
        kept = shelf.kept(LAST, MarketSnapshot)
        if kept is not None:
            self._board.keep(kept)
        self._opening = threading.Lock()
        self._network: Network | None = None
        self._http: Http | None = None
        self._collector: Collector | None = None
        self._attendance: Attendance | None = None
        self._budgets: dict[str, Budget] = {}
        self._edition = 0
        self._behind = False
        self._collected = threading.Event()
        self._leaving = threading.Event()
        self._daily_notes: tuple[str, ...] = ()
        self._closes: dict[str, Close] = {}
        self._unkept: dict[str, str] = {}
        self._followed: frozenset[str] = frozenset()
        self._wanted = frozenset(universe.assets) - {QUOTE}

    def now(self) -> datetime:
        """The clock's time."""
        return self._clock().astimezone(UTC)

    def open(self) -> None:
        """Start the network thread and everything that asks."""
        with self._opening:
            if self._network is not None or self._leaving.is_set():
                return
            from cockpit.markets.daily.collector import Collector
            from cockpit.markets.live.http import Http
            from cockpit.markets.live.network import Network
            from cockpit.markets.live.tiers import Tiers
            from cockpit.markets.live.venue import venues_of

            newest = newest_day(self._shelf.folder)
            self._behind = newest is None or newest < self._last_close()
            network = self._network = Network()
            self._http = Http(self._settings.gateway)
            venues = venues_of(self._settings, self._meters, universe=self._universe, shelf=self._shelf, clock=self._clock)
            self._budgets = {venue.id: venue.budget for venue in venues}
            tiers = Tiers(venues, self._board, self._shelf, self._universe, self._clock)
            self._attendance = Attendance(venues, self._board, tiers, self._clock, self._wanted, self._settings.gateway or "")
            self._attendance.follow(self._followed)
            self._collector = Collector(self._universe, self._shelf, self._http, venues, self._settings, self._clock)
            for closer in (self._attendance.close, self._http.close):
                network.at_end(closer)
            for job in (self._attendance.run(), self._keep(), self._collect()):
                network.start(job)

    def budget(self, venue: str) -> Budget | None:
        """What is used of the limits of a venue that this feed asks; None before it is open, and for any other venue."""
        return self._budgets.get(venue)

    def beside(self, job: Coroutine[Any, Any, None], closer: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Run a job of somebody else's on the network thread, until the feed is closed; `closer` closes what it opened."""
        self.open()
        if self._network is None:  # closed again meanwhile
            job.close()
            return
        self._network.at_end(closer)
        self._network.start(job)

    def follow(self, assets: Iterable[str]) -> None:
        """Keep the order books of these assets fresh enough to trade on."""
        self._followed = frozenset(assets) - {QUOTE}
        if self._attendance is not None:
            self._attendance.follow(self._followed)

    def wait_for(self, assets: Iterable[str], seconds: float) -> None:
        """Return once somebody quotes all of these that anybody lists, or nobody can, or so many seconds have passed."""
        wanted = frozenset(assets) - {QUOTE}
        self._want(wanted)

        def settled() -> bool:
            answering = self._answering()
            if not answering or self._leaving.is_set():
                return True
            return any(map(self._board.listed, answering)) and all(self._settled(asset, answering) for asset in wanted)

        self._board.wait(settled, seconds)

    def _settled(self, asset: str, answering: Collection[str]) -> bool:
        """Whether there are quotes of it, or nobody lists it: every venue is asked that for what is followed alone."""
        symbols = spot_symbol(asset), perp_symbol(asset)
        listed = any(self._board.lists(venue, symbol) for venue in self._meters for symbol in symbols)
        if not listed and asset in self._followed:
            return bool(self._unlisted([asset]))
        return all(self._board.settled(symbol, answering) for symbol in symbols)

    def _answering(self) -> list[str]:
        """The venues that quote something and do not fail."""
        return [
            venue
            for venue, meter in self._meters.items()
            if not meter.failing and any(side.quoted for side in VENUES[venue].sides)
        ]

    def _unlisted(self, assets: Iterable[str]) -> tuple[str, ...]:
        return self._board.unlisted(assets, self._answering())

    def snapshot(self, assets: Iterable[str]) -> MarketSnapshot:
        """The newest quotes with depth, instruments and funding of these assets."""
        wanted = [asset for asset in assets if asset != QUOTE]
        self._want(wanted)
        market = replace(self._board.snapshot(self.source, wanted, self.notes()), unlisted=self._unlisted(wanted))
        told = (*([market.unlisted_note] if market.unlisted else []), *strangers(market, self._closes))
        return replace(market, notes=(*market.notes, *told)) if told else market

    @property
    def edition(self) -> Hashable:
        """How often the history has grown, and the day from which on its readings age."""
        return self._edition, (self.now() - LATE).date()

    def history(self) -> MarketHistory:
        """The days up to yesterday's close; waits a while for what is still being fetched. MarketUnavailable without any."""
        self.open()
        until = self._last_close()
        if self._behind:
            self._collected.wait(FIRST_HISTORY_WAIT if newest_day(self._shelf.folder) is None else HISTORY_WAIT)
        if self._leaving.is_set():
            raise MarketUnavailable("the market is being closed")
        newest = newest_day(self._shelf.folder)
        if newest is None:
            raise MarketUnavailable(f"there is no daily history yet: {self._why()}")
        if newest < until and (self.now() - LATE).date() <= until:
            until -= timedelta(days=1)  # its close is still to come
        try:
            return read_past(self._shelf.folder, self.source, until)
        except BadInput:  # the collector puts aside what is damaged, and fetches it again
            self._collected.wait(HISTORY_WAIT)
            return read_past(self._shelf.folder, self.source, until)

    def _last_close(self) -> date:
        return (self.now() - SETTLED).date() - timedelta(days=1)

    def sources(self) -> tuple[Source, ...]:
        """The venues in their order, then the sources of the history."""
        daily = self._collector.sources() if self._collector is not None else ()
        streams = self._attendance.sources() if self._attendance is not None else ()
        return (*self._venues(), *streams, *daily)

    def notes(self) -> tuple[str, ...]:
        """What is not as usual: venues that fail, a wrong clock, a history that changed."""
        told = tuple(source.sentence for source in self._before_the_first_good_one() if source.sentence)
        attended = self._attendance.notes() if self._attendance is not None else ()
        return (*told, *attended, *self._unkept.copy().values(), *self._daily_notes)

    def hurry(self) -> None:
        """The end is near: nobody waits here any more."""
        self._leaving.set()
        self._collected.set()
        self._board.tell()

    def close(self) -> None:
        """Save what was said last, and end the network thread; what hangs is left behind."""
        self.hurry()
        with self._opening:
            network, self._network = self._network, None
        if network is not None:
            self._save()
            network.close()

    def _want(self, assets: Iterable[str]) -> None:
        if not self._wanted.issuperset(wanted := frozenset(assets) - {QUOTE}):
            self._wanted |= wanted
            if self._attendance is not None:
                self._attendance.want(wanted)

    # On the network thread

    async def _collect(self) -> None:
        """Bring the history up to date, now and after every close."""
        while True:
            assert self._collector is not None
            wait = COLLECT_AGAIN
            try:
                found = await self._collector.collect(self._settings.days)
                self._daily_notes = found.notes
                self._unkept.pop("history", None)
                self._edition += any(found.new.values()) or bool(found.restated)
                if found.last is not None and found.last >= self.now().date() - timedelta(days=1) and not found.faults:
                    wait = COLLECT_EVERY
            except Fault as fault:
                log.warning("daily history: %s", fault)
            except BadInput as error:
                self._unkept["history"] = f"the daily history cannot be kept: {error}"
            except Exception:
                log.exception("the daily history could not be brought up to date")
            if await asyncio.to_thread(newest_day, self._shelf.folder) is None:
                wait = COLLECT_FIRST
            self._closes = await asyncio.to_thread(last_closes, self._shelf.folder)
            self._collected.set()
            self._board.tell()
            await self._rest(min(wait, self._until_close()))

    async def _rest(self, seconds: float) -> None:
        """Until so many seconds have passed, here or by the clock: it may go on while this process stands still."""
        began, until, left = time.monotonic(), self.now() + timedelta(seconds=seconds), seconds
        while left > 0:
            await asyncio.sleep(min(left, LOOK))
            left = min(seconds - (time.monotonic() - began), (until - self.now()).total_seconds())

    def _until_close(self) -> float:
        now = self.now()
        close = datetime.combine(now.date(), datetime.min.time(), UTC) + SETTLED
        return ((close if close > now else close + timedelta(days=1)) - now).total_seconds() + 1

    async def _keep(self) -> None:
        """Save what was said last, again and again."""
        while True:
            await asyncio.sleep(KEEP_EVERY)
            try:
                await asyncio.to_thread(self._save)
            except Exception:
                log.exception("what the venues say could not be kept")

    def _save(self) -> None:
        """Keep what was said last, without depth: nobody trades on it later."""
        snapshot = self._board.snapshot(self.source, None)
        if not snapshot.quotes:
            return
        try:
            self._shelf.keep(LAST, replace(_shallow(snapshot), unlisted=self._unlisted(sorted(self._wanted))))
            self._unkept.pop("last", None)
        except BadInput as error:
            self._unkept["last"] = f"what the venues say cannot be kept: {error}"

    def _venues(self) -> Iterator[Source]:
        chosen = self._board.chosen()
        order = list(self._meters)
        for place, (venue, meter) in enumerate(self._meters.items()):
            mine = [symbol for symbol, giver in chosen.items() if giver == venue]
            before = [
                other
                for other in order[:place]
                if any(self._board.lists(other, symbol) for symbol in mine) or self._meters[other].failing
            ]
            used = (f"quotes of {len(mine)} symbols", "order books", "funding") if mine else ()
            yield meter.line(used, VENUES[before[0]].name if mine and before else "")

    def _before_the_first_good_one(self) -> Iterator[Source]:
        """The venues that should give the quotes and do not; one that fails behind it is in reserve and troubles nobody."""
        for source in self._venues():
            if source.health is Health.GOOD and source.used_for:
                return
            yield source

    def _why(self) -> str:
        faults = [meter.fault for meter in self._meters.values()]
        if faults and all(fault is not None and fault.kind is Kind.UNREACHABLE for fault in faults):
            return "no source can be reached from here; look at the network, or use --market simulated"
        failing = (source.sentence.partition(";")[0] for source in self.sources() if source.sentence)
        sentences = [*self._unkept.copy().values(), *failing]
        return "; ".join(sentences[:2]) or "no source was asked yet"


def _shallow(snapshot: MarketSnapshot) -> MarketSnapshot:
    quotes = {symbol: replace(quote, bids=(), asks=(), depth_at=None) for symbol, quote in snapshot.quotes.items()}
    return replace(snapshot, quotes=quotes, notes=())
