"""The config file: what a trader does not want to type every time."""

from pathlib import Path
from urllib.parse import urlsplit

from msgspec import Struct
from msgspec.structs import replace

from cockpit.files.paths import config_dir
from cockpit.files.symbols import ACCOUNT, NAME, VENUE
from cockpit.files.toml import bad, read, there
from cockpit.model.sources import LiveSettings, Watch

SCHEMA = 1
REFRESH = (0.2, 60.0)
"""The least and the most seconds between two refreshes of the prices on the screen."""

DAYS = (120, 4000)
"""The fewest and the most days of history that the live market keeps; the slowest mean looks back over 100."""


class Config(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Defaults of the flags; None means the cockpit's own. `refresh` is in seconds."""

    schema: int = SCHEMA
    portfolio: str | None = None
    market: str | None = None
    theme: str | None = None
    store: str | None = None
    mouse: bool = True
    refresh: float | None = None
    quiet: bool = False
    live: LiveSettings = LiveSettings()
    watch: tuple[Watch, ...] = ()


def config_path() -> Path:
    """Where the config file is, if there is one."""
    return config_dir() / "config.toml"


def load_config(path: Path | None = None) -> Config:
    """The config file; the defaults where there is none. A relative `portfolio` counts from the file's folder.

    BadInput with one sentence (file, key, what to do) where it cannot be used.
    """
    source = path or config_path()
    if path is None and not there(source):
        return Config()
    config = read(source, Config)
    if config.schema != SCHEMA:
        raise bad(str(source), "schema", f"is {config.schema}; this version reads schema {SCHEMA}")
    if config.theme is not None and not NAME.fullmatch(config.theme):
        raise bad(str(source), "theme", f'"{config.theme}" is no name of a theme; use letters, digits, - and _')
    if config.refresh is not None and not REFRESH[0] <= config.refresh <= REFRESH[1]:
        raise bad(str(source), "refresh", f"is {config.refresh:g}; it must lie between {REFRESH[0]} and {REFRESH[1]:g}")
    _check_live(config, str(source))
    if config.portfolio is None:
        return config
    try:
        return replace(config, portfolio=str(source.parent / Path(config.portfolio).expanduser()))
    except RuntimeError:
        raise bad(str(source), "portfolio", f'"{config.portfolio}" names the home of an unknown user') from None


def _check_live(config: Config, source: str) -> None:
    live = config.live
    if not live.venues or len(set(live.venues)) < len(live.venues):
        raise bad(source, "live.venues", "must name at least one venue, and none twice")
    if not DAYS[0] <= live.days <= DAYS[1]:
        raise bad(source, "live.days", f"is {live.days}; it must lie between {DAYS[0]} and {DAYS[1]}")
    for key, address in [("live.gateway", live.gateway), *(("live.ethereum", one) for one in live.ethereum)]:
        if address is not None and not _is_address(address):
            raise bad(source, key, "is no address such as https://relay.example:8443, without a name and a password in it")
    accounts = [watch.account for watch in config.watch]
    for number, watch in enumerate(config.watch):
        if not ACCOUNT.fullmatch(watch.account):
            raise bad(source, f"watch[{number}].account", f'"{watch.account}" is no account id of a portfolio')
        if not VENUE.fullmatch(watch.venue):
            raise bad(
                source, f"watch[{number}].venue", f'"{watch.venue}" is no venue; write it in small letters, such as "binance"'
            )
        if watch.account in accounts[:number]:
            raise bad(source, f"watch[{number}].account", f'"{watch.account}" is watched twice; keep one')


def _is_address(text: str) -> bool:
    try:
        parts = urlsplit(text)
        return parts.scheme in ("http", "https") and bool(parts.hostname) and "@" not in parts.netloc and parts.port != 0
    except ValueError:
        return False
