"""What the command line chose for a desk."""

from datetime import date

from msgspec import Struct

from cockpit.model.sources import LiveSettings, Watch


class DeskOptions(Struct, frozen=True, kw_only=True):
    """Which files, market and store; None means the shipped default. `watch` are the accounts that the config file names."""

    portfolio: str | None = None
    market: str = "simulated"
    as_of: date | None = None
    seed: int | None = None
    store: str | None = None
    fresh: bool = False
    live: LiveSettings = LiveSettings()
    watch: tuple[Watch, ...] = ()
