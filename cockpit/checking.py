"""What `cockpit check` says of a file: what was read in it, and what a trader should look at, in a few lines."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from decimal import Decimal
from pathlib import Path
from shlex import quote
from typing import NamedTuple

import msgspec

from cockpit.files.config import Config, load_config
from cockpit.files.keymap import KeymapFile, load_keymap
from cockpit.files.paths import config_dir
from cockpit.files.plan_file import PlanFile, load_plan
from cockpit.files.portfolio import PortfolioFile, load_portfolio
from cockpit.files.settings import UniverseFile, load_phase_settings, load_risk_settings, load_universe
from cockpit.files.strategies import load_strategy
from cockpit.files.themes import ThemeFile, load_theme, load_themes
from cockpit.files.toml import nearest, parse_table, read_text
from cockpit.markets.accounts.readers import READERS
from cockpit.markets.venues import VENUES
from cockpit.model import format as fmt
from cockpit.model.assets import ROTATING, Sector, Universe
from cockpit.model.book import Account, Book, Position
from cockpit.model.exposure import sector_of
from cockpit.model.money import CENT
from cockpit.model.phase_settings import PhaseSettings
from cockpit.model.strategy import Limits, RiskSettings, Strategy, Weights
from cockpit.model.text import sanitise
from cockpit.printing import amount, exact, percent
from cockpit.rotation.identity import verify_id


class Found(NamedTuple):
    """A file that can be used: what it is, what stands in it, what to look at, and how it is used."""

    kind: str
    lines: tuple[str, ...]
    warnings: tuple[str, ...] = ()
    use: str = ""

    def text(self) -> str:
        """All of it, in lines that are safe to print."""
        rows = [self.kind, *(f"  {row}" for row in self.lines), *(f"  ! {row}" for row in self.warnings)]
        rows.append("It can be used; look at what is marked with !" if self.warnings else "Nothing is wrong with it.")
        rows += [f"Next: {self.use}"] if self.use else []
        return "\n".join(row[: len(row) - len(row.lstrip())] + sanitise(row, limit=2000) for row in rows)


def check_file(path: Path) -> Found:
    """Read any file of the cockpit as the cockpit reads it; BadInput with one sentence where it cannot be used.

    What it is shows in its keys: the kind of file that knows most of them, of several the one that goes by the file's name. A
    file that could be anything counts as a portfolio.
    """
    keys = set(parse_table(read_text(path), str(path)))
    kind = max(KINDS, key=lambda known: (len(keys & _fields(known)), NAMES.get(path.name) is known))
    return KINDS[kind](path)


def _fields(kind: type[msgspec.Struct]) -> set[str]:
    return {field.encode_name for field in msgspec.structs.fields(kind)}


def _portfolio(path: Path) -> Found:
    universe, limits = load_universe(), load_risk_settings().limits
    book = load_portfolio(path, universe)
    lines = [f"{_count(len(book.accounts), 'account')}, {_count(sum(1 for _ in book.positions()), 'open perpetual')}"]
    for account in book.accounts:
        lines += _account(account)
    for sector, assets in _by_sector(book, universe).items():
        lines.append(f"{sector.value}: {', '.join(assets)}")
    if book.pinned_prices:
        prices = ", ".join(f"{asset} {_coins(price)}" for asset, price in book.pinned_prices.items())
        lines.append(f"pinned prices: {prices}; they stand still whatever the market does")
    return Found(
        f'portfolio "{book.name}"',
        tuple(lines),
        tuple(_portfolio_warnings(book, universe, limits)),
        f"cockpit --portfolio {quote(str(path))}",
    )


def _account(account: Account) -> Iterator[str]:
    spot = ", ".join(f"{_coins(quantity)} {asset}" for asset, quantity in account.spot.items())
    yield f"{account.id} at {account.venue}: spot {spot or 'empty'}"
    wallet = f"futures wallet {amount(account.futures_wallet)} USDT"
    yield f"  {wallet}, of it margin {amount(account.margin_used)}, free {amount(account.free_wallet)}"
    for position in account.positions:
        stop = f"stop {_coins(position.stop_price)}" if position.stop_price is not None else "NO STOP"
        entry = f"{_coins(position.quantity)} {position.asset} at {_coins(position.entry_price)}"
        yield f"  {position.side.upper()} {entry}, {_leverage(position)}, margin {amount(position.margin)}, {stop}"


def _coins(value: Decimal) -> str:
    """Every digit of what stands in the file: this is where a slip in it is found."""
    return fmt.in_ascii(fmt.exact(value))


def _leverage(position: Position) -> str:
    return f"{exact(position.leverage.quantize(CENT))}x"


def _by_sector(book: Book, universe: Universe) -> dict[Sector, list[str]]:
    """The assets of the book by the sector under which it shows them, in the sectors' order."""
    found: dict[Sector, list[str]] = {sector: [] for sector in Sector}
    for asset in book.assets():
        found[sector_of(asset, book, universe)].append(asset)
    return {sector: assets for sector, assets in found.items() if assets}


def _portfolio_warnings(book: Book, universe: Universe, limits: Limits) -> Iterator[str]:
    for account, position in book.positions():
        name = f"{account.id}: {position.side} {position.asset}"
        if position.stop_price is None:
            yield f"{name} has no stop: add stop_price, or the cockpit opens with a position that nothing protects"
        else:
            yield from (
                f"{name} {problem}" for problem in _stop_problems(position, sector_of(position.asset, book, universe), limits)
            )
        if position.leverage > limits.leverage_max:
            yield f"{name} stands at {_leverage(position)}, above the limit of {exact(limits.leverage_max)}x"
    sectors = _by_sector(book, universe)
    if unmapped := [asset for asset in sectors.get(Sector.UNCLASSIFIED, ()) if asset not in book.sectors]:
        yield f"{', '.join(unmapped)}: UNCLASSIFIED, shown and counted, never traded; [sectors] gives an asset its sector"
    if Sector.STABLE not in sectors:
        yield "no stablecoin is held that a plan may use: without a free reserve no plan can buy or hedge"
    if not sectors and not any(account.futures_wallet for account in book.accounts):
        yield "nothing is held yet: put in what you have under spot"
    elif sectors and not any(sector.rotates for sector in sectors):
        yield f"nothing of it rotates: plans trade L1, DEFI and STABLE, and all that is held is {' or '.join(sectors)}"


def _stop_problems(position: Position, sector: Sector, limits: Limits) -> Iterator[str]:
    """What is wrong with a stop whatever the market does: the margin is gone before it, or it is wider than a plan leaves it."""
    stop, sign = position.stop_price, position.side.sign
    if stop is None:
        return
    bankrupt = position.entry_price - sign * position.margin / position.quantity
    distance = sign * (1 - stop / position.entry_price)
    if (stop - bankrupt) * sign <= 0:
        gone = _coins(bankrupt.quantize(Decimal(1).scaleb(bankrupt.adjusted() - 5)))
        yield f"is liquidated before its stop at {_coins(stop)} can fire: its margin is gone at {gone}; nothing protects it"
    elif distance > limits.stop_distance(sector):
        most = percent(limits.stop_distance(sector))
        yield f"has its stop {percent(distance)} from entry, the limit is {most}: the next plan moves it nearer"


def _plan(path: Path) -> Found:
    plan = load_plan(path)
    head, preset = plan.plan, f", preset {plan.plan.preset}" if plan.plan.preset else ""
    lines = (
        f"strategy {head.strategy}{preset}, way {head.mode}, phase {head.phase or 'not asked'}",
        f"{_count(len(plan.steps), 'step')}, made {head.created_at:%Y-%m-%d %H:%M:%S} UTC on {plan.market.source}",
        f'book "{plan.book.name}" at revision {plan.book.revision}, NAV {amount(plan.book.nav)} USDT',
    )
    warnings = []
    if not verify_id(plan):
        warnings.append("edited by hand: its id no longer matches; the risk gate runs again before anything is sent")
    if plan.broken is not None:
        warnings.append(f"it breaks {plan.broken.rule} and cannot be begun: {plan.broken.message}")
    return Found(f"plan {head.id[:12]}", lines, tuple(warnings), f"cockpit show {quote(str(path))}")


def _strategy(path: Path) -> Found:
    strategy = load_strategy(path)
    lines = [f"way {strategy.mode}, {_weights(strategy.weights)}"]
    lines.append(f"follows phase {strategy.phase}" if strategy.phase else "follows no phase: it is chosen by its id")
    lines += [f"preset {name}: way {preset.mode}, {_weights(preset.weights)}" for name, preset in strategy.presets.items()]
    return Found(f"strategy {strategy.id}, {strategy.name}", tuple(lines), (), _copied(path, "strategies/"))


def _weights(weights: Weights) -> str:
    return ", ".join(f"{sector.value} {percent(weights.of(sector))}" for sector in ROTATING)


def _theme(path: Path) -> Found:
    theme = load_theme(path)
    lines = ("dark" if theme.dark else "light", *filter(None, (theme.description,)))
    return Found(f"theme {theme.name}", lines, (), _copied(path, "themes/"))


def _keymap(path: Path) -> Found:
    from cockpit.ui.actions import keys_by_scope

    keys = load_keymap(keys_by_scope(), path)
    return Found("keymap", tuple(f"{action}: {key}" for action, key in keys.items()), (), _copied(path, "keymap.toml"))


def _config(path: Path) -> Found:
    config = load_config(path)
    names = [theme.name for theme in load_themes()[0]]
    unknown = [config.theme] if config.theme is not None and config.theme not in names else []
    warnings = [f"theme: there is no theme {name}{nearest(name, names)}" for name in unknown]
    for place, venue in enumerate(config.live.venues):
        if venue not in VENUES:
            warnings.append(f"live.venues[{place}]: there is no venue {venue}{nearest(venue, VENUES)}")
    for place, watch in enumerate(config.watch):
        if watch.venue not in READERS:
            warnings.append(f"watch[{place}].venue: accounts at {watch.venue} cannot be read{nearest(watch.venue, READERS)}")
    return Found("config", tuple(_settings(config)), tuple(warnings), _copied(path, "config.toml"))


def _settings(settings: msgspec.Struct, before: str = "") -> Iterator[str]:
    """Every value that is set, a line each, as the file writes it."""
    for name in settings.__struct_fields__:
        value = getattr(settings, name)
        if isinstance(value, msgspec.Struct):
            yield from _settings(value, f"{before}{name}.")
        elif isinstance(value, tuple) and value and isinstance(value[0], msgspec.Struct):
            for place, one in enumerate(value):
                yield from _settings(one, f"{before}{name}[{place}].")
        elif value is not None and value != ():
            shown = ", ".join(value) if isinstance(value, tuple) else str(value)
            yield f"{before}{name}: {shown.lower() if isinstance(value, bool) else shown}"


def _universe(path: Path) -> Found:
    universe = load_universe(path)
    counts = {sector: universe.members(sector) for sector in Sector}
    lines = tuple(f"{sector.value}: {', '.join(members)}" for sector, members in counts.items() if members)
    return Found(f"universe of {_count(len(universe.assets), 'asset')}", lines, (), _copied(path, "universe.toml"))


def _limits(path: Path) -> Found:
    limits = load_risk_settings(path).limits
    lines = tuple(f"{name}: {exact(getattr(limits, name))}" for name in Limits.__struct_fields__)
    return Found("limits", lines, (), _copied(path, "limits.toml"))


def _phase(path: Path) -> Found:
    settings = load_phase_settings(path)
    return Found("phase settings", (settings.name,), (), _copied(path, "phase.toml"))


def _copied(path: Path, place: str) -> str:
    """Where a file of the config folder belongs; empty if it lies there."""
    target = config_dir() / place
    there = target if place.endswith(".toml") else target / path.name
    return "" if path.resolve() == there.resolve() else f"copy it to {target}{'/' if not place.endswith('.toml') else ''}"


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"


KINDS: dict[type[msgspec.Struct], Callable[[Path], Found]] = {
    PortfolioFile: _portfolio,
    PlanFile: _plan,
    Strategy: _strategy,
    ThemeFile: _theme,
    KeymapFile: _keymap,
    Config: _config,
    UniverseFile: _universe,
    RiskSettings: _limits,
    PhaseSettings: _phase,
}
"""Every kind of file, by the keys that it may have at the top; the first of those that fit equally well is taken."""
NAMES: dict[str, type[msgspec.Struct]] = {
    "keymap.toml": KeymapFile,
    "config.toml": Config,
    "universe.toml": UniverseFile,
    "limits.toml": RiskSettings,
    "phase.toml": PhaseSettings,
}
"""What the files of the config folder are, by their names."""
