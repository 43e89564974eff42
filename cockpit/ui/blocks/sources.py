"""Where the numbers come from, source by source, and in the header's words what runs on a fall-back or not at all."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from cockpit.model import format as fmt
from cockpit.model.market import FRESH, MarketLabel
from cockpit.model.picture import Picture
from cockpit.model.sources import Health, Source, standing_in
from cockpit.ui.lines import EMPTY, Line, Span, clip, line, span, title, wrapped
from cockpit.ui.table import Cell, Column, Row, table

STATES = {
    Health.GOOD: ("✓ good", "good"),
    Health.FAILING: ("✗ failing", "bad"),
    Health.RESTING: ("! resting", "warn"),
    Health.UNASKED: ("· not asked", "dim"),
}
COLUMNS = (
    Column("source", right=False, name=True, least=12, most=30),
    Column("state", right=False, about="sources.state"),
    Column("answered", about="sources.heard"),
    Column("latency", about="sources.latency"),
    Column("left of its limits", right=False, name=True, least=16, most=60, about="sources.left"),
)
ACCOUNTS = (
    Column("account", right=False, name=True, least=12, most=26),
    Column("read", about="book.account_seen"),
)
TABLES = {
    "prices": "daily closes",
    "tvl": "TVL",
    "tvl_units": "TVL by token",
    "activity": "network activity",
    "sentiment": "fear and greed",
}
"""The tables of a recorded market, in words."""
INDENT = "  "
LIMITS_FROM = 100
"""Cells from which the limits have a column; below it they would cost the names."""
NAME_IN_HEADER = 14
FALL_BACK = "FALL-BACK"


def fall_back(sources: Sequence[Source]) -> str:
    """What stands in for what, in capitals: BYBIT FOR BINANCE, the source of the quotes first; "" where nothing does."""
    found = sorted(standing_in(tuple(sources)), key=lambda source: not any(use.startswith("quotes") for use in source.used_for))
    if not found:
        return ""
    first, more = found[0], f" +{len(found) - 1}" if len(found) > 1 else ""
    return f"{clip(first.name, NAME_IN_HEADER)} FOR {clip(first.stands_in_for, NAME_IN_HEADER)}{more}".upper()


def is_offline(picture: Picture) -> bool:
    """Whether the live market gives nothing any more: a source fails, none has answered lately, and no quote is fresh.

    A source that was not asked since it answered last still counts as good, and proves nothing.
    """
    if picture.market_label is not MarketLabel.LIVE:
        return False
    since = offline_since(picture)
    silent = since is None or picture.now - since > FRESH
    fresh = picture.quote_age is not None and picture.quote_age <= FRESH
    return silent and not fresh and any(source.health in (Health.FAILING, Health.RESTING) for source in picture.sources)


def offline_since(picture: Picture) -> datetime | None:
    """When a source answered last; None where none did since the start."""
    return max((source.heard_at for source in picture.sources if source.heard_at is not None), default=None)


def standing_badge(picture: Picture, *, short: bool = False) -> Span | None:
    """The header's word where the market is not read as it should be: OFFLINE with since when, or what stands in for what."""
    if is_offline(picture):
        since = offline_since(picture)
        words = "OFFLINE" if since is None or short else f"OFFLINE SINCE {_clock(since, picture.now)}"
        return span(f" {words} ", "alarm", "header.offline")
    words = fall_back(picture.sources)
    return span(f" {FALL_BACK if short else words} ", "warn", "header.fall_back") if words else None


def _clock(moment: datetime, now: datetime) -> str:
    return f"{moment:%H:%M:%S}" if moment.date() == now.date() else fmt.day(moment.date()).upper()


def sources(picture: Picture, width: int) -> list[Line]:
    """Every source with its state, what it gives and what is wrong; the accounts at venues; what is not as usual."""
    rows: list[Line] = [title("Sources", "in the order in which they are asked")]
    if not picture.sources:
        return [*rows, line(("… nothing was asked yet", "dim"))]
    rows += _summary(picture, width)
    relays = dict.fromkeys(source.through for source in picture.sources if source.through)
    rows += wrapped(f"Asked through the relay {', '.join(relays)}.", width, "dim") if relays else []
    columns = COLUMNS if width >= LIMITS_FROM else COLUMNS[:-1]
    asked = [source for source in picture.sources if not _in_wait(source)]
    heading, *lines = table(columns, [Row(_cells(source, picture.now)[: len(columns)]) for source in asked], width)
    told = dict(zip(asked, lines, strict=True))
    rows += [EMPTY, heading]
    for waits, group in itertools.groupby(picture.sources, _in_wait):
        if waits:
            state, role = STATES[Health.UNASKED]
            rows += wrapped(f"{state}: {', '.join(source.name for source in group)}", width, role)
            continue
        for source in group:
            rows.append(told[source])
            if gives := _gives(source, limits=width < LIMITS_FROM):
                rows += wrapped(gives, width, "dim", INDENT)
            if source.sentence:
                rows += wrapped(source.sentence, width, "warn", INDENT)
    rows += _accounts(picture, width)
    if notes := _notes(picture):
        rows += [EMPTY, title("Not as usual"), *(row for note in notes for row in wrapped(note, width))]
    return rows


def _notes(picture: Picture) -> list[str]:
    """What the market says is not as usual, without what stands at a source already; its seconds may have gone on since."""
    told = {source.sentence.partition(";")[0] for source in picture.sources}
    return [note for note in (picture.market.notes if picture.market else ()) if note.partition(";")[0] not in told]


def _in_wait(source: Source) -> bool:
    """Whether nothing can be said of it but that it waits for its turn."""
    return source.health is Health.UNASKED and not source.used_for and not source.sentence


def _cells(source: Source, now: datetime) -> list[Cell]:
    state, role = STATES[source.health]
    return [
        (source.name, "strong" if source.used_for else ""),
        (state, role),
        fmt.since(source.heard_at, now) if source.heard_at is not None else "never",
        milliseconds(source.latency),
        source.left or fmt.NONE,
    ]


def milliseconds(latency: timedelta | None) -> str:
    """How long an answer took."""
    return fmt.NONE if latency is None else f"{fmt.count(latency / timedelta(milliseconds=1))} ms"


def _gives(source: Source, *, limits: bool) -> str:
    """What it gives, with `limits` also what is left of them; "" where its sentence says why it gives nothing."""
    left = f"; {source.left} left" if limits and source.left else ""
    if not source.used_for:
        return "" if source.sentence else f"in reserve{left}" if source.health is Health.GOOD else "gives nothing now"
    kept = ", as they are kept from before" if source.health is Health.UNASKED else ""
    instead = f" in the place of {source.stands_in_for}" if source.stands_in_for else ""
    return f"gives {_uses(source)}{kept}{instead}{left}"


def _uses(source: Source) -> str:
    return ", ".join(TABLES.get(use, use) for use in source.used_for)


def _summary(picture: Picture, width: int) -> Iterator[Line]:
    """The state of all of them in a sentence."""
    if is_offline(picture):
        since = offline_since(picture)
        when = "since the cockpit was opened" if since is None else f"since {fmt.moment(since)} UTC"
        age = "" if picture.quote_age is None else f" The prices are {fmt.age(picture.quote_age)} old."
        yield from wrapped(f"✗ No source has answered {when}.{age}", width, "bad")
        return
    for source in standing_in(picture.sources):
        told = f"! {source.name} gives {_uses(source)} in the place of {source.stands_in_for}."
        yield from wrapped(told, width, "warn")


def _accounts(picture: Picture, width: int) -> list[Line]:
    """When each account that is kept at a venue was read there, and what needs telling of it."""
    if not picture.accounts_seen and not picture.account_notes:
        return []
    rows = [Row(((name, "strong"), fmt.since(at, picture.now))) for name, at in picture.accounts_seen.items()]
    listed = table(ACCOUNTS, rows, width) if rows else []
    return [EMPTY, title("Accounts at venues"), *listed, *account_notes(picture, width)]


def account_notes(picture: Picture, width: int) -> list[Line]:
    """What needs telling of the accounts that are read at their venues: why one is not, or what its key may do."""
    told = [f"! {account}: {note}" for account, notes in picture.account_notes.items() for note in notes]
    return [row for sentence in told for row in wrapped(sentence, width, "warn")]
