"""The funding prints of every perpetual: of the first venue that has them, then of the next."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import date, datetime, timedelta

from cockpit.markets.daily.kept import PRINTS, Asked, Print
from cockpit.markets.daily.run import AGAIN, FundingPrint, Run, VenueLike, all_of
from cockpit.markets.live.fault import Fault, Kind
from cockpit.model.assets import OUTSIDE, Sector

AT_ONCE = 4
LONGEST = 24
"""Hours between two prints of a perpetual at most."""
LARGEST = 1
"""No print pays the whole position."""
UNLISTED = timedelta(days=1)
"""How long it takes until a perpetual that no venue has is asked for again."""


async def collect(run: Run, venues: Sequence[VenueLike]) -> None:
    """Keep the prints that are lacking, and write them."""
    turns = asyncio.Semaphore(AT_ONCE)
    resting: set[str] = set()

    async def one(asset: str) -> None:
        async with turns:
            await _asset(run, venues, asset, resting)

    idle = (Sector.STABLE, *(sector for sector in OUTSIDE if sector is not Sector.BENCHMARK))
    await all_of([one(asset.symbol) for asset in run.universe.assets.values() if asset.sector not in idle])
    await run.save(PRINTS)


async def _asset(run: Run, venues: Sequence[VenueLike], asset: str, resting: set[str]) -> None:
    since = _since(run, asset)
    if since is None:
        return
    answered, failed = False, False
    for venue in venues:
        if venue.id in resting:
            failed = True
            continue
        try:
            prints = await venue.funding_prints(asset, since)
        except Fault as fault:
            if fault.kind is not Kind.MISSING:
                failed = True
                resting.add(venue.id)
            run.failed(venue.id, fault)
            continue
        answered = True
        if _keep(run, asset, prints):
            run.kept.notebook.words.setdefault(PRINTS, {})[asset] = venue.id
            break
    if answered or not failed:
        before = run.kept.notebook.asked.get(f"{PRINTS}/{asset}")
        first = run.prints_since.date()
        run.kept.notebook.asked[f"{PRINTS}/{asset}"] = Asked(run.now, min(first, before.first if before else first), run.today)


def _since(run: Run, asset: str) -> datetime | None:
    """From when on prints are lacking; None where there can be no new one yet."""
    asked = run.kept.notebook.asked.get(f"{PRINTS}/{asset}")
    if asked is None or asked.first > run.prints_since.date():
        return run.prints_since
    if run.now - asked.at < AGAIN:
        return None
    own = run.kept.prints.get(asset)
    if not own:
        return run.prints_since if run.now - asked.at >= UNLISTED else None
    last = max(own)
    # The last one is asked for again: the next one's interval is the time since it.
    return last if run.now >= last + timedelta(hours=float(own[last].hours)) else None


def _keep(run: Run, asset: str, prints: Sequence[FundingPrint]) -> int:
    """Keep what lies before the first or after the last print that is kept, so that two venues never count twice."""
    own = run.kept.prints.get(asset, {})
    first, last = min(own, default=None), max(own, default=None)
    new = 0
    for one in prints:
        at = one.time.replace(microsecond=0)
        inside = first is not None and last is not None and first <= at <= last
        sound = one.rate.is_finite() and abs(one.rate) < LARGEST and 0 < one.interval_hours <= LONGEST
        if sound and not inside and date(1970, 1, 1) < at.date() and at <= run.now:
            run.kept.add_print(asset, at, Print(one.rate, one.interval_hours))
            new += 1
    return new
