"""The command line: every verb, its flags and its exit codes. Nothing heavy is imported before a verb needs it."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from cockpit import __version__
from cockpit.ending import Group
from cockpit.flags import day, number, path, seconds
from cockpit.model.errors import BadInput, ExitCode, RefusedByRule

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from cockpit.desk import Desk
    from cockpit.terminal.choice import DriverName

Command = Callable[..., Any]


def _options(*options: Callable[[Command], Command]) -> Callable[[Command], Command]:
    def decorate(command: Command) -> Command:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


_portfolio = click.option("--portfolio", metavar="FILE", help="Portfolio TOML; the shipped sample without it.")
_market = click.option("--market", metavar="SPEC", default=None, help="simulated (default), recorded:DIR or live.")
_as_of = click.option("--as-of", metavar="DATE", callback=day, help="The recorded world ends on that day.")
_seed = click.option("--seed", type=int, default=None, help="Seed of the simulated market.")
_store = click.option(
    "--store", metavar="URL", default=None, help="Portfolio store; a SQLite file in the state directory without it."
)
_json = click.option("--json", "as_json", is_flag=True, help="Print JSON; decimals are strings.")
_run_options = _options(
    _portfolio,
    _market,
    _as_of,
    _seed,
    _store,
    click.option("--theme", metavar="NAME", default=None, help="A theme of the themes folder."),
    click.option("--refresh", metavar="SECONDS", callback=seconds, help="How often prices are shown: 0.2 to 60, 2 without it."),
    click.option("--quiet", is_flag=True, help="Prices every 10 s, and nothing else moves; fills and alarms at once."),
    click.option("--no-mouse", is_flag=True, help="Leave the mouse to the terminal."),
    click.option("--driver", type=click.Choice(["auto", "difference", "textual"]), default="auto", help="What paints."),
    click.option("--fresh", is_flag=True, help="Start the book over from the portfolio file; the old one stays in the journal."),
)
_market_options = _options(_market, _as_of, _seed)


@click.group(cls=Group, invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="cockpit")
@_run_options
@click.pass_context
def main(ctx: click.Context, /, **options: Any) -> None:
    """Rotate a crypto portfolio between Layer-1s, DeFi and stablecoins. Without a verb: open the cockpit."""
    if ctx.invoked_subcommand is None:
        ctx.invoke(run, **options)
    else:
        given = [name for name in options if ctx.get_parameter_source(name) is click.core.ParameterSource.COMMANDLINE]
        if given:
            flag = "--" + given[0].replace("_", "-")
            raise BadInput(f"{flag} belongs behind the verb: cockpit {ctx.invoked_subcommand} {flag} …")


@main.command()
@_run_options
def run(**options: Any) -> None:
    """Open the cockpit."""
    from cockpit.ui.collecting import paused

    with paused():
        sys.exit(_open(**options))


def _open(theme: str | None, no_mouse: bool, driver: DriverName, refresh: float | None, quiet: bool, **options: Any) -> int:
    from cockpit.files.config import load_config
    from cockpit.files.keymap import load_keymap
    from cockpit.files.themes import descriptions, load_themes

    config = load_config()
    desk = _desk(**options)
    themes, problems = load_themes()
    from cockpit.ui.actions import keys_by_scope
    from cockpit.ui.pace import pace_of
    from cockpit.ui.run import run as run_app

    return run_app(
        desk,
        mouse=config.mouse and not no_mouse,
        theme=theme or config.theme,
        themes=[found.arguments() for found in themes],
        descriptions=descriptions(themes),
        problems=problems,
        keymap=load_keymap(keys_by_scope()),
        driver=driver,
        pace=pace_of(refresh or config.refresh, quiet=quiet or config.quiet),
    )


@main.command()
@_options(_portfolio, _market_options, _json)
def signals(as_json: bool, **options: Any) -> None:
    """Print every indicator: raw value, unit, age, source, quality, score."""
    from cockpit import printing

    desk = _closed_desk(**options)
    found = desk.signals()
    _show(as_json, lambda: {"call": found.call(), "readings": found.readings()}, lambda: printing.readings(found.readings()))


@main.command()
@_options(_market_options, _json)
@click.option("--history", is_flag=True, help="One row a day over the whole dataset.")
@click.option("--score", "labels", metavar="LABELS.csv", default=None, help="Agreement with labelled windows.")
def phase(as_json: bool, history: bool, labels: str | None, **options: Any) -> None:
    """Print the phase of the market, why, and what would change it."""
    from cockpit import printing

    if history and labels is not None:
        raise BadInput("--history and --score are two different questions: ask one of them")
    desk = _closed_desk(**options)
    found = desk.signals()
    if labels is not None:
        from cockpit.signals.score import read_labels, score, table

        report = score(found.phases(), read_labels(path(labels)), found.sector_levels())
        _show(as_json, lambda: report, lambda: table(report))
    elif history:
        rows = printing.phase_rows(found)
        if as_json:
            _echo_json(rows, nulls=True)
        else:
            click.echo(printing.csv_text(rows))
    else:
        call, triggers = found.call(), found.triggers()
        _show(as_json, lambda: {"call": call, "triggers": triggers}, lambda: printing.phase(call, triggers))


@main.command()
@_options(_portfolio, _market_options, _json)
@click.option("--strategy", default="auto", metavar="A|B|C|NAME|auto", help="auto follows the phase.")
@click.option("--mode", type=click.Choice(["spot", "overlay", "blend"]), default=None, help="How exposure moves.")
@click.option("--preset", default=None, metavar="NAME", help="A named variation of the strategy.")
@click.option("--hedge-ratio", default=None, callback=number, metavar="N", help="Cap on short notional over sector spot.")
@click.option("--leverage", default=None, callback=number, metavar="N", help="Leverage of new positions.")
@click.option("--tranche", default=None, callback=number, metavar="N", help="Share of the way to go, above 0 up to 1.")
@click.option("--out", default=None, metavar="FILE", help="Write the plan as TOML; never over an existing file.")
def plan(
    as_json: bool,
    strategy: str,
    mode: str | None,
    preset: str | None,
    hedge_ratio: Decimal | None,
    leverage: Decimal | None,
    tranche: Decimal | None,
    out: str | None,
    **options: Any,
) -> None:
    """Plan a rotation and preview its whole path; sends nothing, writes nothing to the store."""
    from cockpit import printing
    from cockpit.files.plan_file import plan_document, write_plan
    from cockpit.model.money import ONE
    from cockpit.model.request import PlanRequest
    from cockpit.model.strategy import Mode

    desk = _closed_desk(**options)
    request = PlanRequest(
        strategy=strategy,
        mode=Mode(mode) if mode else None,
        preset=preset,
        hedge_ratio=hedge_ratio,
        leverage=leverage,
        tranche=ONE if tranche is None else tranche,
    )
    proposal = desk.propose(request)
    if proposal.plan is None:
        if as_json:
            _echo_json({"refused": {"rule": proposal.rule, "message": proposal.sentence}})
        raise proposal.refusal()
    if out is not None:
        write_plan(proposal.plan, path(out))
    made = proposal.plan
    _show(as_json, lambda: plan_document(made), lambda: printing.plan(made, desk.ticks(made)))
    if out is not None:
        click.echo(f"written to {out}", err=as_json)
    if made.broken is not None:
        raise RefusedByRule(made.broken.rule, f"the plan cannot mend {made.broken.rule}: {made.broken.message}")


@main.command()
@click.argument("file", metavar="PLAN.toml")
@_json
def show(file: str, as_json: bool) -> None:
    """Print a plan file, and whether it is still the plan that was made."""
    from cockpit import printing
    from cockpit.files.plan_file import load_plan, plan_document
    from cockpit.files.settings import load_universe
    from cockpit.markets.open import ticks_of
    from cockpit.rotation.identity import verify_id

    loaded = load_plan(path(file))
    ticks = ticks_of(loaded.market, load_universe())
    _show(as_json, lambda: plan_document(loaded), lambda: printing.plan(loaded, ticks))
    if not verify_id(loaded):
        click.echo("edited by hand: its id no longer matches; the risk gate runs again before anything is sent", err=True)


@main.command()
@click.argument("file", metavar="PLAN.toml")
@_options(_portfolio, _market_options, _store)
def apply(file: str, **options: Any) -> None:
    """Carry a plan out on the paper account, asking at every step."""
    from cockpit.apply import apply_plan
    from cockpit.files.plan_file import load_plan

    loaded = load_plan(path(file))
    if options["market"] is None:
        options |= _market_of(loaded.market.source)
    desk = _closed_desk(**options)
    if desk.picture.portfolio != loaded.book.name:
        raise BadInput(
            f"{file}: plan.book.name is {loaded.book.name!r}, but the portfolio is {desk.picture.portfolio!r}; "
            "name the plan's own portfolio file with --portfolio"
        )
    sys.exit(apply_plan(desk, loaded))


@main.command()
@_options(_store, _json)
@click.option("--book", default=None, metavar="NAME", help="Only this portfolio.")
@click.option("--limit", type=click.IntRange(min=1), default=None, help="Only the newest N events.")
@click.option("--csv", "form", flag_value="csv", default=None, help="As CSV for a spreadsheet.")
@click.option("--toml", "form", flag_value="toml", help="As TOML.")
def journal(store: str | None, as_json: bool, book: str | None, limit: int | None, form: str | None) -> None:
    """Print every event: plans, confirmations, orders, fills, stops, refusals, phase changes."""
    if as_json and form is not None:
        raise BadInput(f"the journal is printed as JSON or as {form.upper()}, not as both: leave one of them out")
    from cockpit import printing
    from cockpit.files.config import load_config
    from cockpit.files.paths import default_store
    from cockpit.store.store import Store

    opened = Store(store or load_config().store or default_store(make=False), create=False)
    try:
        rows = opened.journal(book, limit=limit)
    finally:
        opened.close()
    if form is not None:
        from cockpit.files.journal_file import journal_csv, journal_toml

        # Bytes: the file is UTF-8 whatever the locale says of the terminal.
        click.echo((journal_csv(rows) if form == "csv" else journal_toml(rows)).encode(), nl=False)
        return
    _show(as_json, lambda: rows, lambda: printing.journal(rows))


@main.command()
@click.option("--offline", is_flag=True, help="Ask no source of the market.")
@click.option("--venues", is_flag=True, help="All that is known of each venue: what it gives, what it lacks, its traps.")
@_json
def doctor(offline: bool, venues: bool, as_json: bool) -> None:
    """Say what this terminal and its line can do, which sources of the market answer, and what would make it better."""
    from cockpit.doctor import examine

    found = examine(offline=offline)
    _show(as_json, lambda: found, lambda: found.text(venues=venues), nulls=True)


@main.command()
@click.argument("file", metavar="FILE")
def init(file: str) -> None:
    """Write a commented portfolio file to start from."""
    from shlex import quote

    from cockpit.files.starter import write_starter
    from cockpit.model.text import sanitise

    write_starter(path(file))
    name = sanitise(quote(file), limit=2000)
    click.echo(f"{name} is written. Next:")
    click.echo("  put in what you hold; every line says what it means, and in which unit")
    click.echo(f"  cockpit check {name}: what the cockpit reads in it, or what is wrong with it")
    click.echo(f"  cockpit --portfolio {name}: open it, on paper")


@main.command(name="import")
@click.option("--venue", metavar="NAME", required=True, help="binance, bybit, okx …")
@click.option("--key-file", metavar="FILE", default=None, help="TOML with key and secret, mode 0600; asked for without it.")
@click.option("--account", metavar="ID", default="main", show_default=True, help="The account's id in the portfolio.")
@click.option("--into", metavar="FILE", default=None, help="Write the portfolio there; printed without it.")
@click.option("--update", is_flag=True, help="Replace this account in an existing portfolio; its others stay.")
@click.option("--unknown-permissions", is_flag=True, help="Go on where the venue does not tell what the key may do.")
def import_(key_file: str | None, into: str | None, **options: Any) -> None:
    """Read an account at a venue with a read-only key into a portfolio."""
    from cockpit.importing import import_account

    import_account(key_file=path(key_file) if key_file else None, into=path(into) if into else None, **options)


@main.command()
@click.argument("folder", metavar="DIR")
@click.option("--days", type=click.IntRange(1, 4000), default=None, help="Closed days to fetch; as the config says without it.")
def record(folder: str, days: int | None) -> None:
    """Build a recorded market from the live sources, or bring one up to date."""
    from cockpit.record import record as fetch

    fetch(path(folder), days)


@main.command()
@click.argument("file", metavar="FILE")
def check(file: str) -> None:
    """Say what is wrong with a file, or what was read in it.

    A portfolio, a plan, or a file of the config folder: strategy, theme, keymap, config, universe, limits, phase settings.
    """
    from cockpit.checking import check_file

    click.echo(check_file(path(file)).text())


def _market_of(source: str) -> dict[str, Any]:
    """The flags of the market that a plan was made on: a simulated one needs its seed, a recorded one only a person can find."""
    from cockpit.markets.open import simulated_seed

    seed = simulated_seed(source)
    if seed is not None:
        return {"market": "simulated", "seed": seed}
    if source == "live":
        return {"market": source}
    raise BadInput(f"the plan was made on {source}: name that market, --market recorded:DIR --as-of DATE")


def _closed_desk(**options: Any) -> Desk:
    """A desk that is closed when the verb ends, however that is."""
    desk = _desk(**options)
    click.get_current_context().call_on_close(desk.close)
    return desk


def _desk(
    *,
    portfolio: str | None = None,
    market: str | None = None,
    as_of: date | None = None,
    seed: int | None = None,
    store: str | None = None,
    fresh: bool = False,
) -> Desk:
    from cockpit.desk import Desk, DeskOptions
    from cockpit.files.config import load_config
    from cockpit.ui.crash_log import log_errors

    log_errors(None)
    config = load_config()
    return Desk(
        DeskOptions(
            portfolio=portfolio or config.portfolio,
            market=market or config.market or "simulated",
            as_of=as_of,
            seed=seed,
            store=store or config.store,
            fresh=fresh,
            live=config.live,
            watch=config.watch,
        )
    )


def _show(as_json: bool, data: Callable[[], Any], text: Callable[[], str], *, nulls: bool = False) -> None:
    if as_json:
        _echo_json(data(), nulls=nulls)
    else:
        click.echo(text())


def _echo_json(data: Any, *, nulls: bool = False) -> None:
    """`nulls` keeps the keys of what is not known, for rows that are read as a table."""
    import msgspec

    from cockpit.model.wire import builtins_of

    click.echo(msgspec.json.format(msgspec.json.encode(data if nulls else builtins_of(data)), indent=2).decode())


if __name__ == "__main__":
    main()
    sys.exit(ExitCode.DONE)
