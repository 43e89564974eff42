"""The strategies: those that ship, and the trader's own beside them."""

from collections.abc import Iterable
from decimal import Decimal
from pathlib import Path

from cockpit.files.paths import config_dir
from cockpit.files.settings import LEVERAGE_MAX, load
from cockpit.files.shipped import shipped
from cockpit.files.symbols import ASSET, NAME
from cockpit.files.toml import bad
from cockpit.model.assets import Sector
from cockpit.model.instruments import QUOTE
from cockpit.model.money import ONE, ZERO, plain
from cockpit.model.readings import PHASES
from cockpit.model.strategy import Overlay, Strategy, Weights

RESERVED = "auto"


def strategy_folders() -> tuple[Path, ...]:
    """The shipped strategies first, then the trader's own: a file there with the same id takes the place of a shipped one."""
    return shipped("strategies"), config_dir() / "strategies"


def load_strategies(folders: Iterable[Path] | None = None) -> dict[str, Strategy]:
    """Every strategy by its id. A later folder replaces ids of an earlier one; twice within one folder is refused.

    BadInput with one sentence (file, key, what to do) for the first file that cannot be used: falling back to the shipped one
    would trade what the trader did not mean.
    """
    strategies: dict[str, Strategy] = {}
    for folder in strategy_folders() if folders is None else folders:
        seen: dict[str, Path] = {}
        for path in sorted(folder.glob("*.toml")):
            strategy = load_strategy(path)
            if strategy.id in seen:
                raise bad(str(path), "id", f'"{strategy.id}" is used by {seen[strategy.id].name} as well; give it another one')
            seen[strategy.id] = path
            strategies[strategy.id] = strategy
    return strategies


def load_strategy(path: Path) -> Strategy:
    """One strategy file; BadInput with one sentence where it cannot be used."""
    strategy, source = load(path, Strategy), str(path)
    if not NAME.fullmatch(strategy.id) or strategy.id.lower() == RESERVED:
        raise bad(source, "id", f'"{strategy.id}" is no id; use up to 40 letters, digits, - and _, and not "{RESERVED}"')
    if strategy.phase and strategy.phase not in PHASES:
        raise bad(source, "phase", f'"{strategy.phase}" is no phase; use {", ".join(PHASES)}, or leave it out')
    for index, sector in enumerate(strategy.never_raise):
        if sector not in (Sector.L1, Sector.DEFI):
            raise bad(source, f"never_raise[{index}]", f"{sector} cannot be listed; only L1 and DEFI")
    _check_weights(strategy.weights, "weights", source, worked_example=False)
    _check_overlay(strategy.overlay, "overlay", source)
    for name, preset in strategy.presets.items():
        if not NAME.fullmatch(name):
            raise bad(source, f"presets.{name}", "is no name of a preset; use letters, digits, - and _")
        _check_weights(preset.weights, f"presets.{name}.weights", source, worked_example=True)
        _check_overlay(preset.overlay, f"presets.{name}.overlay", source)
    return strategy


def _check_weights(weights: Weights, key: str, source: str, *, worked_example: bool) -> None:
    for name in ("L1", "DEFI", "STABLE"):
        weight = getattr(weights, name)
        lowest = -ONE if worked_example and name == "STABLE" else ZERO
        if not lowest <= weight <= 2:
            raise bad(source, f"{key}.{name}", f"is {plain(weight)}; a weight must lie between {plain(lowest)} and 2")
    total = weights.L1 + weights.DEFI + weights.STABLE
    if total != 1:
        raise bad(source, key, f"add up to {plain(total)}; they must add up to 1")


def _check_overlay(overlay: Overlay, key: str, source: str) -> None:
    _check_range(overlay.hedge_ratio, 0, 10, f"{key}.hedge_ratio", source)
    _check_range(overlay.leverage, 1, LEVERAGE_MAX, f"{key}.leverage", source)
    _check_range(overlay.spot_share, 0, 1, f"{key}.spot_share", source)
    for sector, tokens in overlay.tokens.items():
        if sector not in (Sector.L1, Sector.DEFI):
            raise bad(source, f"{key}.tokens.{sector}", "has no tokens to choose; only L1 and DEFI have")
        for index, token in enumerate(tokens):
            if not ASSET.fullmatch(token) or token == QUOTE:
                raise bad(source, f"{key}.tokens.{sector}[{index}]", f'"{token}" is no ticker that can be traded against {QUOTE}')
        if len(set(tokens)) != len(tokens):
            raise bad(source, f"{key}.tokens.{sector}", "names a token twice")


def _check_range(value: Decimal | None, low: int, high: int, key: str, source: str) -> None:
    if value is not None and not low <= value <= high:
        raise bad(source, key, f"is {plain(value)}; it must lie between {low} and {high}")
