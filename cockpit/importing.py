"""`cockpit import`: reads an account at a venue with a key that need only read, and writes it as a portfolio."""

from __future__ import annotations

import asyncio
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import replace

from cockpit.files.atomic import write_atomic, write_numbered
from cockpit.files.config import load_config
from cockpit.files.keys import checked, read_key_file, service_key
from cockpit.files.portfolio import dump_portfolio, load_portfolio, parse_portfolio
from cockpit.files.symbols import ACCOUNT
from cockpit.files.toml import bad, nearest, read_text, there
from cockpit.markets.accounts.readers import PASSWORDS, READERS, SCOPE
from cockpit.markets.live.fault import Fault, Kind
from cockpit.markets.venues import VENUES
from cockpit.model.book import Account, Book
from cockpit.model.errors import BadInput, CockpitError, MarketUnavailable, RefusedByRule
from cockpit.model.text import sanitise

if TYPE_CHECKING:
    from cockpit.markets.accounts.assemble import Reading
    from cockpit.markets.accounts.rows import Permissions
    from cockpit.model.credentials import Credentials


ISOLATED = "a portfolio knows isolated margin alone: what stands in cross margin is written, and liquidated on paper, as isolated"
"""What is told where an account has positions in cross margin."""


def import_account(
    venue: str, *, key_file: Path | None, account: str, into: Path | None, update: bool, unknown_permissions: bool
) -> None:
    """Read `account` at `venue` and write it to `into`, or print it; what needs telling goes to stderr.

    BadInput for a venue, key or file that cannot be used, RefusedByRule for a key that can withdraw or an account that no book
    carries, MarketUnavailable where the venue cannot be asked. The file is written whole or not at all.
    """
    if venue not in READERS:
        raise BadInput(f"--venue {sanitise(venue)!r} is no venue whose accounts can be read{nearest(venue, READERS)}")
    if not ACCOUNT.fullmatch(account):
        raise BadInput(f"--account {sanitise(account)!r} is no account id; use up to 32 letters, digits, _ and -")
    before = _before(into, update)
    gateway = load_config().live.gateway
    reading = asyncio.run(_read(venue, _credentials(venue, key_file), account, gateway, unknown_permissions))
    book = _with(before, reading.account, venue)
    text = dump_portfolio(book)
    parse_portfolio(text, source=str(into) if into is not None else f"the account at {VENUES[venue].name}")
    _tell(f"{VENUES[venue].name}: account {account} as of {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC: {_size(reading.account)}")
    crossed = [ISOLATED] if any(position.cross for position in reading.account.positions) else []
    for note in (SCOPE[venue], *reading.notes, *crossed):
        _tell(f"  {note}")
    if into is None:
        click.echo(text, nl=False)
        return
    _write(into, text, update=before is not None)


def _before(into: Path | None, update: bool) -> Book | None:
    """The portfolio that is brought up to date, if one is; found unusable before anybody is asked for a key."""
    if into is None:
        if update:
            raise BadInput("--update belongs to --into FILE: name the portfolio to bring up to date")
        return None
    if not there(into):
        return None
    if not update:
        raise bad(str(into), "", "exists already: add --update to replace this account in it, or choose another name")
    return load_portfolio(into)


def _with(before: Book | None, account: Account, venue: str) -> Book:
    if before is None:
        return Book(name=f"{VENUES[venue].name} {account.id}", accounts=(account,))
    if any(known.id == account.id for known in before.accounts):
        return before.with_account(account)
    return replace(before, accounts=(*before.accounts, account))


def _write(into: Path, text: str, *, update: bool) -> None:
    if update and "#" in (old := read_text(into)):
        kept = write_numbered(into.with_name(f"{into.stem}-before{into.suffix}"), old, private=True)
        _tell(f"  the file had comments, which are not kept: it stands as it was in {kept.name}")
    write_atomic(into, text, private=not update, replace=update)
    _tell(
        f"{into} is brought up to date; a cockpit that knows this portfolio reads it with --fresh"
        if update
        else f"{into} is written"
    )


async def _read(venue: str, key: Credentials, account: str, gateway: str | None, unknown_permissions: bool) -> Reading:
    from cockpit.markets.accounts.client import Client, refusal
    from cockpit.markets.live.meter import Meter

    name = VENUES[venue].name
    client = Client(venue, key, Meter(name, lambda: datetime.now(UTC)), gateway=gateway)
    failure: CockpitError
    try:
        _judge(name, await client.permissions(), unknown_permissions)
        return await client.read(account)
    except Fault as fault:
        refused = fault.kind in (Kind.REFUSED, Kind.MISSING)
        failure = (BadInput if refused else MarketUnavailable)(refusal(fault, name))
    finally:
        await client.close()
    raise failure


def _judge(name: str, permissions: Permissions, unknown: bool) -> None:
    """Refuse a key that can withdraw; what is not known is never taken for harmless."""
    if permissions.withdraw:
        raise RefusedByRule("withdrawal", f"this key can withdraw from {name}: make one that only reads, and delete this one")
    if permissions.withdraw is None:
        _tell(f"{name} does not tell what this key may do: whether it can withdraw is unknown")
        if not unknown and not _acknowledged():
            raise RefusedByRule(
                "permissions", f"what this key may do at {name} is unknown: look it up there, then add --unknown-permissions"
            )
    if permissions.trade is not False:
        can = "can trade" if permissions.trade else "may be able to trade, that is unknown"
        _tell(f"{name}: the key {can}; reading needs no such right: a key that only reads is safer")
    for note in permissions.told:
        _tell(f"{name}: the key: {note}")


def _acknowledged() -> bool:
    if not sys.stdin.isatty():
        return False
    return str(click.prompt("Type unknown to go on all the same", default="", show_default=False, err=True)).strip() == "unknown"


def _credentials(venue: str, key_file: Path | None) -> Credentials:
    """From the file, else from the service manager, else typed where nobody sees it. Never an argument, never a variable."""
    if key_file is not None:
        return read_key_file(key_file)
    if (found := service_key(venue)) is not None:
        return found
    if not sys.stdin.isatty():
        raise BadInput(f"there is no key: name a file with --key-file, or give the service a credential cockpit-{venue}")
    wanted = ("key", "secret", "password") if venue in PASSWORDS else ("key", "secret")
    typed: dict[str, Any] = {name: click.prompt(name.capitalize(), hide_input=True, err=True).strip() for name in wanted}
    return checked("what was typed", typed)


def _size(account: Account) -> str:
    holdings, positions = len(account.spot), len(account.positions)
    return f"{holdings} holding{'' if holdings == 1 else 's'}, {positions} position{'' if positions == 1 else 's'}"


def _tell(text: str) -> None:
    click.echo(sanitise(text, limit=600) if not text.startswith("  ") else "  " + sanitise(text[2:], limit=600), err=True)
