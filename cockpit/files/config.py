"""The config file: what a trader does not want to type every time."""

from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from cockpit.files.paths import config_dir
from cockpit.files.symbols import NAME
from cockpit.files.toml import bad, read, there

SCHEMA = 1
REFRESH = (0.2, 60.0)
"""The least and the most seconds between two refreshes of the prices on the screen."""


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
    if config.portfolio is None:
        return config
    try:
        return replace(config, portfolio=str(source.parent / Path(config.portfolio).expanduser()))
    except RuntimeError:
        raise bad(str(source), "portfolio", f'"{config.portfolio}" names the home of an unknown user') from None
