"""`cockpit record`: builds a recorded market from the live sources, or brings one up to date."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cockpit.files.atomic import write_atomic
from cockpit.files.config import load_config
from cockpit.files.settings import load_universe
from cockpit.files.toml import bad
from cockpit.marketplace import market_shelf
from cockpit.markets.daily.collector import Collected, Collector
from cockpit.markets.daily.kept import NOTEBOOK
from cockpit.markets.live.http import Http
from cockpit.markets.live.meter import Meter
from cockpit.markets.live.shelf import Shelf
from cockpit.markets.live.venue import venues_of
from cockpit.model.errors import MarketUnavailable
from cockpit.model.sources import LiveSettings
from cockpit.model.text import sanitise
from cockpit.terminal.departure import INTERRUPTED

if TYPE_CHECKING:
    from cockpit.model.assets import Universe


def record(folder: Path, days: int | None) -> None:
    """Fetch the last closed `days` into `folder` and say on stderr what came and what failed.

    BadInput for a folder that holds anything but a market recorded so; MarketUnavailable where no price could be had. What was
    fetched before an interruption is kept, and the folder can be read.
    """
    settings = load_config().live
    universe = load_universe()
    _prepare(folder)

    def tell(sentence: str) -> None:
        click.echo(sanitise(sentence, 400), err=True)

    try:
        found = asyncio.run(_collect(folder, days or settings.days, settings, universe, tell))
    except KeyboardInterrupt:
        tell("interrupted: what was fetched is kept; the same command goes on from there")
        sys.exit(INTERRUPTED.code)
    for note in found.notes:
        tell(note)
    if found.last is None:
        raise MarketUnavailable(f"no source gave a single price: {'; '.join(found.faults.values()) or 'none is reachable'}")
    click.echo(f"{sanitise(str(folder), 300)}: {found.first} to {found.last}")
    click.echo(f"cockpit phase --market recorded:{sanitise(str(folder), 300)}")


async def _collect(folder: Path, days: int, settings: LiveSettings, universe: Universe, tell: Callable[[str], None]) -> Collected:
    meters = {name: Meter(name, _now, through=settings.gateway or "") for name in settings.venues}
    venues = venues_of(settings, meters, universe=universe, shelf=market_shelf(), clock=_now)
    http = Http(settings.gateway)
    try:
        collector = Collector(universe, Shelf(folder, write_atomic), http, venues, settings, _now)
        return await collector.collect(days, funding_days=days, tell=tell)
    finally:
        with contextlib.suppress(OSError):
            await asyncio.gather(http.close(), *(venue.close() for venue in venues), return_exceptions=True)


def _prepare(folder: Path) -> None:
    """Make the folder, or see that it is one that this verb made."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        strangers = next(folder.iterdir(), None) is not None and not (folder / NOTEBOOK).is_file()
    except (FileExistsError, NotADirectoryError):
        raise bad(str(folder), "", "is no folder; name a new or an empty one") from None
    except OSError as error:
        raise bad(str(folder), "", f"cannot be used: {(error.strerror or str(error)).lower()}") from None
    except ValueError:
        raise bad(str(folder), "", "cannot be used: the name holds characters that no folder may have") from None
    if strangers:
        raise bad(str(folder), "", "holds files that cockpit record did not write; name a new or an empty folder")


def _now() -> datetime:
    return datetime.now(UTC)
