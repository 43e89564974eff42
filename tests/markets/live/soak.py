"""A desk on the live market for a long time, with a fault every few seconds: every number stays right and nothing piles up.

By hand: `python -m tests.markets.live.soak --seconds 600`. The desk, the real client of every source and the loopback market run
in this process; what the desk shows is compared at every look with what the market's world said at that time.
"""

from __future__ import annotations

import argparse
import logging
import os
import random
import tempfile
import threading
import time
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from cockpit.desk import Desk, DeskOptions
from cockpit.files.shipped import sample_portfolios
from cockpit.model import format as fmt
from cockpit.model.errors import CockpitError
from cockpit.model.instruments import QUOTE, perp_symbol, spot_symbol
from cockpit.model.market import Level, Quote
from cockpit.model.money import ZERO
from cockpit.model.picture import Picture
from cockpit.model.sources import LiveSettings, standing_in
from cockpit.ui.widgets.header import header
from tests.loopback import Loopback
from tests.markets.live.standing import Standing
from tests.markets.live.witness import MEMORY, Witness, witness

SAMPLE = "futures_heavy"
BINANCE, BYBIT, STREAMS, DAILY = (
    r"binance\.com",
    r"bybit\.com",
    r"f?stream\.(binance|bybit)\.com",
    r"llama|coinmetrics|rpc|alternative",
)
SHUT_OUT = r"\.binance\.com"
"""The first venue once it serves this country no more, from four fifths of the time on."""
PLACES = (BINANCE, BYBIT, STREAMS, DAILY, r"(binance|bybit)\.com")
REFUSING = (BINANCE, DAILY)
"""Who may refuse this address: it is then left alone for ten minutes, and somebody must be left who gives quotes."""
LENIENT: dict[str, dict[str, Any]] = {
    "429": {"retry_after": 4},
    "418": {"retry_after": 6},
    "slow": {"seconds": 2},
    "timeout": {"seconds": 6},
}
FAULTS = (
    "timeout",
    "reset",
    "429",
    "418",
    "403",
    "5xx",
    "html",
    "truncated",
    "gzip",
    "slow",
    "gap",
    "silent",
    "skew",
    "vanish",
    "zero",
)
AHEAD = timedelta(seconds=4)
"""How much fresher than it is a number may look, in the world's time: a second of the world, and half of the way of an answer."""
SIDES = 2
"""Spot and perpetuals: a connection each, at the one venue that serves."""


@dataclass
class Account:
    """What the soak has to say in the end; `wrong` are sentences about numbers that were not right."""

    looks: int = 0
    quotes: int = 0
    fresh: int = 0
    oldest: float = 0.0
    faults: Counter[str] = field(default_factory=Counter)
    venues: Counter[str] = field(default_factory=Counter)
    stands_in: int = 0
    phases: int = 0
    wrong: list[str] = field(default_factory=list)
    warm: Standing | None = None
    late: Standing | None = None
    before: Standing | None = None
    after: Standing | None = None
    dials: int = 0
    panes: Counter[str] = field(default_factory=Counter)

    def summary(self) -> str:
        """One line with the figures."""
        oldest = f"{self.fresh} of them fresh, the oldest {self.oldest:.0f} s old"
        known = {"before": self.before, "warm": self.warm, "late": self.late, "after": self.after}
        standing = "; ".join(f"{word} {one}" for word, one in known.items())
        painted = f"{sum(self.panes.values())} painted figures held against it, {dict(self.panes)}; " if self.panes else ""
        return (
            f"{self.looks} looks, {self.quotes} quotes held against the world, {oldest}; quotes by {dict(self.venues)}; {painted}"
            f"{sum(self.faults.values())} faults of {len(self.faults)} kinds, {self.stands_in} looks on a fall-back; "
            f"{self.dials} WebSockets dialled; {self.phases} phases called; {standing}; {len(self.wrong)} wrong"
        )


class Soak:
    """One run. `speed` is the world's seconds in one of ours."""

    def __init__(self, seconds: float, *, seed: int = 1, speed: float = 2.0, world: Witness | None = None) -> None:
        self._seconds = seconds
        self._speed = speed
        self._random = random.Random(seed)
        self._world = world or witness(7, speed)
        self._account = Account()
        self._loopback = Loopback(self._world)
        self._began = 0.0
        self._next_fault = 0.0
        self._healed_at: float | None = None
        self._shut_out = False

    def run(self) -> Account:
        """Open, look, break, heal, close, and count."""
        with self._loopback as loopback:
            settings = LiveSettings(gateway=loopback.gateway, venues=("binance", "bybit"), days=120)
            sample = next(path for path in sample_portfolios() if path.stem == SAMPLE)
            with tempfile.TemporaryDirectory() as folder:
                path = Path(folder) / "book.toml"
                path.write_text(sample.read_text().partition("[prices]")[0])
                os.environ |= {"XDG_STATE_HOME": folder, "XDG_CONFIG_HOME": folder, "XDG_CACHE_HOME": folder}
                options = DeskOptions(portfolio=str(path), market="live", store=f"sqlite:///{folder}/store.db", live=settings)
                self._account.before = Standing.now(loopback)
                desk = Desk(options, clock=self._world.clock)
                try:
                    self._live(desk)
                finally:
                    desk.close()
            threads = self._account.before.threads
            self._settled(lambda: not loopback.open_sockets and threading.active_count() <= threads)
            self._account.after = Standing.now(loopback)
        return self._account

    def _live(self, desk: Desk) -> None:
        desk.open_book()
        desk.open_store()
        signals = threading.Thread(target=self._call, args=(desk,), daemon=True)
        signals.start()
        self._until(lambda: self._whole(desk.tick()), desk)
        signals.join()
        self._begin()
        warm_at = self._began + 0.4 * self._seconds
        called = self._began
        while (now := time.monotonic()) < self._began + self._seconds:
            self._go_on(now)
            if self._account.warm is None and now >= warm_at:
                self._account.warm = Standing.now(self._loopback, desk)
            if now - called > 30:
                self._call(desk)
                called = now
            self._look(desk)
            time.sleep(0.2)
        self._heal()
        self._until(lambda: self._whole(picture := desk.tick()) and self._replaced(picture), desk)
        self._look(desk)
        self._account.late = Standing.now(self._loopback, desk)
        self._account.warm = self._account.warm or self._account.late

    def _replaced(self, picture: Picture) -> bool:
        """Whether the venue that serves nobody here has its connections no more, and another stands in for it."""
        return self._loopback.open_sockets == SIDES and bool(standing_in(picture.sources))

    def _begin(self) -> None:
        """From now on things go wrong."""
        self._began = time.monotonic()
        self._next_fault = self._began + 2

    def _go_on(self, now: float) -> None:
        """Break and heal what is due; in the last fifth of the time the first venue serves nobody here."""
        if not self._shut_out and now >= self._began + 0.8 * self._seconds:
            self._loopback.fault(SHUT_OUT, "451")
            self._account.faults["451"] += 1
            self._shut_out = True
        if self._healed_at is not None and now >= self._healed_at:
            self._heal()
            self._healed_at, self._next_fault = None, now + self._random.uniform(2, 5)
        elif self._healed_at is None and now >= self._next_fault:
            self._healed_at = now + self._break()

    def _heal(self) -> None:
        self._loopback.heal()
        if self._shut_out:
            self._loopback.fault(SHUT_OUT, "451")

    def _call(self, desk: Desk) -> None:
        try:
            desk.load_signals()
            self._account.phases += 1
        except CockpitError as error:
            self._account.wrong.append(f"no phase: {error}")

    def _break(self) -> float:
        """Let something go wrong; for how many seconds."""
        kind, place = self._random.choice(FAULTS), self._random.choice(PLACES)
        if kind == "403":
            place = self._random.choice(REFUSING)
        options: dict[str, Any] = dict(LENIENT.get(kind, {}))
        if kind == "skew":
            options = {"seconds": self._random.choice((-40, 40))}
        if kind == "vanish":
            options = {"assets": ["ETH"]}
        times = self._random.choice((1, 3)) if kind in ("gap", "gzip") else None
        self._loopback.fault(place, kind, times=times, **options)
        self._account.faults[kind] += 1
        return self._random.uniform(2, 8)

    def _look(self, desk: Desk) -> None:
        """Take one look and hold every number of it against the world."""
        try:
            picture = desk.tick()
        except CockpitError as error:
            self._account.wrong.append(f"no picture: {error}")
            return
        self._judge(picture)

    def _judge(self, picture: Picture) -> None:
        """Hold every number of a picture against the world."""
        asked = self._loopback.requests[:]
        del self._loopback.requests[: len(asked)]
        self._account.dials += sum(1 for one in asked if "stream" in one.host and one.method != "WS")
        self._account.looks += 1
        self._account.wrong += [*self._wrong_quotes(picture), *wrong_sums(picture), *wrong_words(picture)]
        self._account.stands_in += bool(standing_in(picture.sources))

    def _wrong_quotes(self, picture: Picture) -> list[str]:
        assert picture.market is not None
        found = []
        for symbol, quote in picture.market.quotes.items():
            if quote.at <= self._world.clock() - MEMORY * timedelta(seconds=0.9):
                continue
            self._account.quotes += 1
            self._account.venues[quote.venue] += 1
            age = (picture.now - quote.at).total_seconds()
            self._account.fresh += age <= 10
            self._account.oldest = max(self._account.oldest, age)
            said = self._world.since(symbol, quote.at - AHEAD * self._speed, quote.venue)
            deep = self._world.since(symbol, (quote.depth_at or quote.at) - AHEAD * self._speed, quote.venue)
            if not any((quote.bid, quote.ask) == (known.bid, known.ask) for known in said):
                found.append(f"{symbol} {quote.venue}: nobody said {quote.bid} / {quote.ask} since {quote.at}")
            if quote.bids and not any((quote.bids, quote.asks) in (depth(known), depth(known, quote)) for known in deep):
                found.append(f"{symbol} {quote.venue}: nobody said the book of {quote.depth_at}")
            if not any(near(quote.mark, known.mark) or quote.mark == (known.bid + known.ask) / 2 for known in said):
                found.append(f"{symbol} {quote.venue}: nobody said the mark {quote.mark} since {quote.at}")
            if age < -1 * self._speed:
                found.append(f"{symbol} {quote.venue}: {-age:.1f} s from the future")
        return found

    def _whole(self, picture: Picture) -> bool:
        """Whether everything is read as it should be."""
        if picture.market is None or picture.exposure is None:
            return False
        assets = [asset for asset in picture.book.assets() if asset != QUOTE] if picture.book is not None else []
        symbols = [symbol for asset in assets for symbol in (spot_symbol(asset), perp_symbol(asset))]
        quotes = picture.market.quotes
        return bool(symbols) and all(
            symbol in quotes and quotes[symbol].bids and picture.now - quotes[symbol].seen_at < timedelta(seconds=10)
            for symbol in symbols
        )

    def _until(self, holds: Any, desk: Desk) -> None:
        end = time.monotonic() + 240
        while not holds():
            if time.monotonic() > end:
                self._account.wrong.append(f"it never came whole again: {[source.sentence for source in desk.picture.sources]}")
                return
            time.sleep(0.1)

    def _settled(self, holds: Any) -> None:
        end = time.monotonic() + 20
        while not holds() and time.monotonic() < end:
            time.sleep(0.05)


def wrong_sums(picture: Picture) -> list[str]:
    """What of the book does not add up with the quotes that are shown beside it."""
    assert picture.market is not None
    book, market = picture.book, picture.market
    if book is None or picture.exposure is None:
        return ["the book is not shown"]
    found, nav = [], ZERO
    for account in book.accounts:
        nav += sum((amount * market.price(asset) for asset, amount in account.spot.items()), account.futures_wallet)
        for position in account.positions:
            pnl = position.side.sign * position.quantity * (market.mark(position.symbol) - position.entry_price)
            nav += pnl
            line = next(one for one in picture.positions if one.position == position and one.account == account.id)
            if (line.mark, line.unrealised_pnl) != (market.mark(position.symbol), pnl):
                found.append(f"{position.symbol}: mark {line.mark} and PnL {line.unrealised_pnl} are not those of its quote")
    if nav != picture.exposure.nav:
        found.append(f"NAV {picture.exposure.nav} is not {nav}")
    return found


def wrong_words(picture: Picture) -> list[str]:
    """What the header says that is not so."""
    assert picture.market is not None
    assert picture.exposure is not None
    text = "".join(span.text for line in header(picture, 200) for span in line)
    found = [] if f"NAV {fmt.amount(picture.exposure.nav)}" in text and "LIVE" in text else [f"the header says {text}"]
    oldest = max((picture.now - quote.at for quote in picture.market.quotes.values() if not quote.pinned), default=timedelta(0))
    if picture.quote_age != oldest:
        found.append(f"the quotes are {oldest} old, and {picture.quote_age} is said")
    others = {quote.venue for quote in picture.market.quotes.values()} - {"binance", ""}
    if others and oldest < timedelta(seconds=10) and not standing_in(picture.sources) and "FOR" in text:
        found.append(f"the header says {text} with nothing on a fall-back")
    return found


def depth(known: Quote, later: Quote | None = None) -> tuple[tuple[Level, ...], tuple[Level, ...]]:
    """A book that was said; what a `later` price has passed since is gone from it."""
    if later is None:
        return known.bids, known.asks
    left = (
        (level for level in known.bids if level.price <= later.bid),
        (level for level in known.asks if level.price >= later.ask),
    )
    return tuple(left[0]), tuple(left[1])


def near(one: Decimal, other: Decimal) -> bool:
    """Whether two prices are the same to the places that venues print."""
    return abs(one / other - 1) < Decimal("0.0001")


def main() -> None:
    """Run, and say how it went."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", type=float, default=2.0)
    parser.add_argument("--panes", action="store_true", help="walk over the screens of the cockpit, and read what they paint")
    parser.add_argument("--break", dest="broken", help="break the cockpit on purpose, and end well where that is noticed")
    given = parser.parse_args()
    logging.getLogger("aiohttp.server").setLevel(logging.CRITICAL)  # connections that end as they were told to
    kind: type[Soak] = Soak
    if given.panes:
        from tests.markets.live.panes import PanesSoak

        kind = PanesSoak
    with _broken(given.broken):
        account = kind(given.seconds, seed=given.seed, speed=given.speed).run()
    print(account.summary())  # noqa: T201 - whoever runs it reads it
    for sentence, count in Counter(account.wrong).most_common(20):
        print(f"  {count} times: {sentence}")  # noqa: T201
    raise SystemExit(bool(account.wrong) is not bool(given.broken))


def _broken(name: str | None) -> AbstractContextManager[Any]:
    from tests.markets.live.broken import BREAKS

    return BREAKS[name]() if name else nullcontext()


if __name__ == "__main__":
    main()
