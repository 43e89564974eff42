"""What the command line chose for a desk."""

from datetime import date

from msgspec import Struct

from cockpit.model.sources import LiveSettings


class DeskOptions(Struct, frozen=True, kw_only=True):
    """Which files, market and store; None means the shipped default."""

    portfolio: str | None = None
    market: str = "simulated"
    as_of: date | None = None
    seed: int | None = None
    store: str | None = None
    fresh: bool = False
    live: LiveSettings = LiveSettings()
