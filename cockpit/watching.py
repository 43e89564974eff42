"""The accounts of a portfolio that are kept at a venue, as the config file names them: their keys, and what was seen of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cockpit.files.keys import read_key_file, service_key
from cockpit.files.toml import bad, nearest
from cockpit.markets.accounts.readers import READERS
from cockpit.markets.venues import VENUES
from cockpit.model.book import Book
from cockpit.model.sources import Seen, Source, Watch

if TYPE_CHECKING:
    from cockpit.markets.accounts.watch import AccountWatch
    from cockpit.markets.feed import MarketFeed
    from cockpit.model.credentials import Credentials


class Watching:
    """What is watched for one portfolio. Nothing is asked before `begin`; the rest may be called from any thread."""

    def __init__(self, watches: Sequence[Watch], portfolio: Book, source: Path) -> None:
        """Read the keys. BadInput names the config file `source`, and the account, venue or key that cannot be used."""
        self._watches = tuple(watches)
        self._watch: AccountWatch | None = None
        ids = [account.id for account in portfolio.accounts]
        for number, watch in enumerate(self._watches):
            if watch.account not in ids:
                raise bad(
                    str(source),
                    f"watch[{number}].account",
                    f'"{watch.account}" is no account of {portfolio.name}{nearest(watch.account, ids)}',
                )
            if watch.venue not in READERS:
                raise bad(
                    str(source),
                    f"watch[{number}].venue",
                    f'accounts at "{watch.venue}" cannot be read{nearest(watch.venue, READERS)}',
                )
        self._keys = {watch.account: _key(watch, number, source) for number, watch in enumerate(self._watches)}

    @property
    def names(self) -> dict[str, str]:
        """The name of each watched account's venue, by the account's id."""
        return {watch.account: VENUES[watch.venue].name for watch in self._watches}

    def begin(self, feed: MarketFeed, clock: Callable[[], datetime], gateway: str | None) -> None:
        """Poll on the live market's network thread until that is closed; nothing where there is none, or nothing to watch."""
        from cockpit.markets.live.feed import LiveFeed

        if not self._watches or self._watch is not None or not isinstance(feed, LiveFeed):
            return
        from cockpit.markets.accounts.watch import AccountWatch

        feed.open()
        self._watch = AccountWatch(self._watches, self._keys, clock=clock, gateway=gateway, budgets=feed.budget)
        feed.beside(self._watch.run(), self._watch.close)

    def seen(self) -> dict[str, Seen]:
        """Each account as it was last read whole, by its id."""
        return self._watch.seen() if self._watch is not None else {}

    def liquidations(self) -> dict[str, dict[str, Decimal]]:
        """Where the venues say that they liquidate positions in cross margin, by account and asset."""
        return {account: found.liquidations for account, found in self.seen().items()}

    def sources(self) -> tuple[Source, ...]:
        """How each account's venue stands."""
        return self._watch.sources() if self._watch is not None else ()

    def shown(self, feed: MarketFeed) -> dict[str, Any]:
        """What a picture shows of sources and accounts, by its fields."""
        told = {} if self._watch is None else self._watch.notes()
        seen = {account: found.at for account, found in self.seen().items()}
        return {"sources": (*feed.sources(), *self.sources()), "account_notes": told, "accounts_seen": seen}


def _key(watch: Watch, number: int, source: Path) -> Credentials:
    if watch.key_file is not None:
        return read_key_file(source.parent / Path(watch.key_file).expanduser())
    if (found := service_key(watch.venue)) is not None:
        return found
    raise bad(
        str(source),
        f"watch[{number}].key_file",
        f"is missing; name the file, or give the service a credential cockpit-{watch.venue}",
    )
