"""The universe, the limits and the phase settings: the shipped files, or the trader's own copies in the config folder."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path
from typing import TypeVar

from msgspec import Struct, field

from cockpit.files.paths import config_dir
from cockpit.files.shipped import shipped
from cockpit.files.symbols import ASSET
from cockpit.files.toml import bad, nearest, read, there
from cockpit.model.assets import Asset, Sector, Universe
from cockpit.model.instruments import QUOTE
from cockpit.model.money import plain
from cockpit.model.phase_settings import PhaseSettings
from cockpit.model.strategy import Limits, RiskSettings

T = TypeVar("T", bound=Struct)
SCHEMA = 1
LEVERAGE_MAX = 125
COOLDOWN_MAX = 24 * 365
"""The longest rest after a stop-out, in hours."""
_ABOVE_ONE = {"gross_notional_max": 10, "hedge_ratio_max": 10}
_OTHER_UNITS = frozenset(
    {"leverage_max", "leverage_default", "slippage_max_bps", "quote_age_max_s", "plan_age_max_s", *_ABOVE_ONE}
)  # fmt: skip


class UniverseFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The universe file, whole."""

    schema: int
    assets: tuple[Asset, ...] = field(name="asset")


def load_universe(path: Path | None = None) -> Universe:
    """Every classified asset, in the file's order; BadInput where the file cannot be used."""
    source = path or own_or_shipped("universe.toml")
    file = load(source, UniverseFile)
    assets: dict[str, Asset] = {}
    for index, asset in enumerate(file.assets):
        key = f"asset[{index}]"
        if not ASSET.fullmatch(asset.symbol):
            raise bad(str(source), f"{key}.symbol", f'"{asset.symbol}" is no ticker; use up to 20 capital letters and digits')
        if asset.symbol in assets:
            raise bad(str(source), f"{key}.symbol", f"{asset.symbol} is listed twice; keep one of them")
        if asset.sector in (Sector.UNCLASSIFIED, Sector.EXCLUDED):
            raise bad(str(source), f"{key}.sector", f"{asset.sector} means not being in the universe; remove the asset")
        assets[asset.symbol] = asset
    if assets.get(QUOTE) is None or assets[QUOTE].sector is not Sector.STABLE:
        raise bad(str(source), "asset", f"{QUOTE} is missing as a STABLE; it is the unit of account")
    return Universe(assets=assets)


def load_risk_settings(path: Path | None = None) -> RiskSettings:
    """Limits, warnings, fees and drift in force; BadInput where the file cannot be used or a limit makes no sense."""
    source = path or own_or_shipped("limits.toml")
    settings = load(source, RiskSettings)
    _check_limits(settings.limits, str(source))
    _check_range(settings.sending.cooldown_hours, 0, COOLDOWN_MAX, "sending.cooldown_hours", str(source))
    for table in ("warnings", "fees", "drift"):
        part = getattr(settings, table)
        for name in part.__struct_fields__:
            _check_range(getattr(part, name), 0, 1, f"{table}.{name}", str(source))
    return settings


def load_phase_settings(path: Path | None = None) -> PhaseSettings:
    """Every weight and threshold of the phase engine; BadInput where the file cannot be used."""
    return load(path or own_or_shipped("phase.toml"), PhaseSettings)


def load(path: Path, kind: type[T]) -> T:
    """Any file with a `schema` key as a `kind`; BadInput with one sentence (file, key, what to do) where it cannot be used."""
    value = read(path, kind)
    found = getattr(value, "schema", SCHEMA)
    if found != SCHEMA:
        raise bad(str(path), "schema", f"is {found}; this version reads schema {SCHEMA}")
    return value


def own_or_shipped(name: str) -> Path:
    """The trader's own copy in the config folder where there is one, else the shipped file."""
    own = config_dir() / name
    return own if there(own) else shipped(name)


def choose(kind: str, wanted: str, known: Mapping[str, T]) -> T:
    """The one of that name; BadInput names the nearest match, or all there are."""
    if wanted in known:
        return known[wanted]
    raise bad("", "", f"there is no {kind} {wanted!r}{nearest(wanted, known)}")


def _check_limits(limits: Limits, source: str) -> None:
    for name in limits.__struct_fields__:
        value = getattr(limits, name)
        if name not in _OTHER_UNITS:
            _check_range(value, 0, 1, f"limits.{name}", source)
        elif name in _ABOVE_ONE:
            _check_range(value, 0, _ABOVE_ONE[name], f"limits.{name}", source)
        elif value <= 0:
            raise bad(source, f"limits.{name}", f"is {plain(value)}; it must be above zero")
    _check_range(limits.leverage_max, 1, LEVERAGE_MAX, "limits.leverage_max", source)
    for lower, upper in (
        ("leverage_default", "leverage_max"),
        ("hedge_ratio_guideline", "hedge_ratio_max"),
        ("daily_loss_reducing", "daily_loss_halted"),
    ):
        if getattr(limits, lower) > getattr(limits, upper):
            raise bad(
                source,
                f"limits.{lower}",
                f"is {plain(getattr(limits, lower))}, more than {upper}, {plain(getattr(limits, upper))}",
            )
    if limits.leverage_default < 1:
        raise bad(source, "limits.leverage_default", f"is {plain(limits.leverage_default)}; it must be at least 1")


def _check_range(value: Decimal, low: int, high: int, key: str, source: str) -> None:
    if not low <= value <= high:
        raise bad(source, key, f"is {plain(value)}; it must lie between {low} and {high}")
