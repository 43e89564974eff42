"""What happened to this book, newest first: which events a filter keeps, and how each reads."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from cockpit.model import format as fmt
from cockpit.model.journal import JournalKind, JournalRow
from cockpit.model.picture import Picture
from cockpit.ui.keys import AS_SHIPPED, Keymap, key_of
from cockpit.ui.lines import EMPTY, Line, Span, clip, line, padded, span, spread, title, width_of, wrapped
from cockpit.ui.table import Fact, facts

WIDE = 100
"""From here on revision, plan, asset and the exact numbers are shown."""
ROOMY = 150
"""From here on the numbers have columns of their own."""
GAP = 3
COLUMNS = (("quantity", 11), ("price", 10), ("fee", 9), ("amount", 11))
"""Those columns, with the cells that a number may take; a longer one stands behind the message."""
KIND_WIDTH = max(len(kind) for kind in JournalKind) + 2
PLAN_DIGITS = 8
"""How much of a hash is shown; the export has all of it."""
HASHES = frozenset({"shown"})
IN_WORDS = frozenset({"account", "symbol", "client_id"})
"""The data that is left out where the message has it."""
LONGEST = 60
"""Data that is longer, such as a whole book, is only counted on the screen; the export has all of it."""
NUMBERS = frozenset({"quantity", "price", "fee", "amount", "nav"})
EXPLAINED = NUMBERS | {"attempt", "client_id", "trade_id", "shown"}
"""The data that has an entry of its own in the glossary."""
ROLES = {
    JournalKind.REFUSAL: "warn",
    JournalKind.HALT: "warn",
    JournalKind.LIQUIDATION: "alarm",
    JournalKind.PROBLEM: "bad",
    JournalKind.EXTERNAL: "warn",
    JournalKind.FILL: "good",
}


class Event(NamedTuple):
    """An event with the words by which it is found."""

    row: JournalRow
    words: str


class Filter(NamedTuple):
    """What must be true of an event to be shown; "" asks nothing. `words` must stand somewhere in it, one after the other.

    Where `after` is not None only events with a `seq` above it are shown: those since the book was last seen.
    """

    words: str = ""
    kind: str = ""
    plan: str = ""
    asset: str = ""
    after: int | None = None

    def keeps(self, event: Event) -> bool:
        """Whether the event is shown."""
        row = event.row
        return (
            (self.after is None or row.seq > self.after)
            and (not self.kind or row.kind == self.kind)
            and (not self.plan or row.plan_id == self.plan)
            and (not self.asset or row.asset == self.asset)
            and " ".join(self.words.lower().split()) in event.words
        )

    def turned(self, field: str, by: int, events: Sequence[Event]) -> "Filter":
        """The next value (by 1), or the one before (by -1), of "kind", "plan" or "asset" that the other filters leave."""
        open_to: dict[str, Any] = {field: ""}
        values = ["", *_values(field, [event for event in events if self._replace(**open_to).keeps(event)])]
        present = getattr(self, field)
        at = values.index(present) if present in values else 0
        open_to[field] = values[(at + by) % len(values)]
        return self._replace(**open_to)


def event(row: JournalRow) -> Event:
    """An event of the journal."""
    parts = [row.message, row.kind.value, row.plan_id or "", f"{row.at:%Y-%m-%d}", f"rev {row.revision}"]
    parts += [f"step {row.step} of its plan"] if row.step is not None else []
    parts += [f"{key} {value}" for key, value in row.data.items() if len(value) <= LONGEST]
    return Event(row, " · ".join(parts).lower())


def _values(field: str, events: Sequence[Event]) -> list[str]:
    """Kinds in the order of their list, plans newest first, assets by name."""
    if field == "kind":
        present = {event.row.kind for event in events}
        return [kind.value for kind in JournalKind if kind in present]
    if field == "plan":
        return list(dict.fromkeys(event.row.plan_id for event in events if event.row.plan_id))
    return sorted({event.row.asset for event in events} - {""})


def headline(
    shown: int, known: int, asked: Filter, missing: str, at: date | None, width: int, keymap: Keymap = AS_SHIPPED
) -> list[Line]:
    """How many of how many events, the filters that stand, and in words what is missing of the older ones ("" nothing).

    `at` is the day to which one has scrolled, None at the top.
    """
    of = f"{fmt.count(shown)} of {fmt.count(known)}" if asked != Filter() else fmt.count(known)
    said = [f'"{asked.words}"'] if asked.words else []
    said += [f"{name} {value}" for name, value in _named(asked) if value]
    said += ["since last seen"] if asked.after is not None else []
    head = line(("Journal  ", "title"), (of, "strong", "journal.count"), (" event" if of == "1" else " events", "dim"))
    place = line(
        (f"{at:%Y-%m-%d}" if at is not None else "", "dim"), (f"  {key_of('journal.all', keymap)} all" if said else "", "key")
    )
    standing = line((clip("  · ".join(["", *said]), max(0, width - width_of(head) - width_of(place) - 2)), "warn"))
    return [spread((*head, *standing), place, width), *(wrapped(missing, width, "warn") if missing else [])]


def _named(asked: Filter) -> tuple[tuple[str, str], ...]:
    return ("kind", asked.kind), ("plan", asked.plan[:PLAN_DIGITS]), ("asset", asked.asset)


def event_lines(events: Sequence[Event], index: int, width: int, *, data: bool) -> list[Line]:
    """The event at `index`: before the first one of a day its date; the message whole; with `data` its exact numbers.

    They stand in columns where there is room, else behind the message, else below it.
    """
    row = events[index].row
    before = events[index - 1].row.at.date() if index else None
    lines: list[Line] = []
    if row.at.date() != before:
        lines += [EMPTY] if index else []
        lines.append(title(f"{row.at:%Y-%m-%d}", "UTC"))
    in_columns = data and width >= ROOMY
    columns = _columns(row) if in_columns else {}
    head = _head(row, width, columns, in_columns=in_columns)
    indent = width_of(head)
    first, *rest = wrapped(row.message, width - indent)
    blank = Span(" " * indent)
    numbers = facts(_facts(row, width, columns), width - indent) if data and row.data else []
    if len(numbers) == 1 and not rest and width_of(first) + GAP + width_of(numbers[0]) <= width - indent:
        return [*lines, (*head, *first, Span(" " * GAP), *numbers[0])]
    lines += [(*head, *first), *((blank, *more) for more in rest)]
    return [*lines, *((blank, *more) for more in numbers)]


def column_heads(width: int, *, data: bool) -> list[Line]:
    """What stands above the events, where their numbers have columns."""
    if not data or width < ROOMY:
        return []
    left = "".join(
        padded(name, room) for name, room in (("time", 10), ("kind", KIND_WIDTH), ("rev", 10), ("plan", PLAN_DIGITS + 1))
    )
    numbers = "".join(padded(name, room + GAP - 1, right=True) for name, room in COLUMNS)
    return [line((f"{left}{padded('step', 9)}{padded('asset', 7)}{numbers}{' ' * GAP}what happened", "head"))]


def _columns(row: JournalRow) -> dict[str, str]:
    """The numbers that have a column of their own and fit into it."""
    found = {key: _value(key, row.data[key]) for key, _ in COLUMNS if key in row.data}
    return {key: found[key] for key, room in COLUMNS if key in found and len(found[key]) <= room}


def _head(row: JournalRow, width: int, columns: Mapping[str, str], *, in_columns: bool) -> Line:
    head = (
        Span(f"{row.at:%H:%M:%S}  ", "dim"),
        Span(padded(row.kind.value, KIND_WIDTH), ROLES.get(row.kind, "accent")),
    )
    if width < WIDE:
        return head
    plan = (row.plan_id or "")[:PLAN_DIGITS]
    step = "" if row.step is None else f"step {row.step}"
    numbers: tuple[Span, ...] = ()
    if in_columns:
        cells = ((key, padded(columns.get(key, ""), room + GAP - 1, right=True)) for key, room in COLUMNS)
        numbers = (*(Span(cell, "", f"journal.{key}" if key in columns else "") for key, cell in cells), Span(" " * GAP))
    return (
        *head,
        Span(f"rev {row.revision}".ljust(10), "dim", "journal.revision"),
        span(padded(plan, PLAN_DIGITS + 1), "dim", "journal.plan" if plan else ""),
        Span(step.ljust(9), "dim", "journal.step" if step else ""),
        span(padded(row.asset, 7)),
        *numbers,
    )


def _facts(row: JournalRow, width: int, columns: Mapping[str, str]) -> list[Fact]:
    """The data of an event that stands neither in a column nor in its message, its numbers first."""
    data = sorted(row.data.items(), key=lambda item: item[0] not in NUMBERS)
    said = {*row.message.replace(",", " ").replace(":", " ").split(), *row.message.split()}
    return [
        (key.replace("_", " "), (_value(key, value), "dim"), f"journal.{key if key in EXPLAINED else 'data'}")
        for key, value in data
        if key not in columns and not (key in IN_WORDS and value in said) and (key != "asset" or width < WIDE)
    ]


def _value(key: str, text: str) -> str:
    """The exact number, grouped; what is none as it stands."""
    if len(text) > LONGEST:
        return f"{fmt.count(len(text))} characters, whole in the export"
    if key in HASHES:
        return text[:PLAN_DIGITS]
    if key in NUMBERS:
        try:
            return fmt.exact(Decimal(text))
        except InvalidOperation:
            return text
    return text or fmt.NONE


def latest(picture: Picture, width: int, count: int = 3) -> list[Line]:
    """The newest few events, for the overview."""
    rows = sorted(picture.journal, key=lambda row: row.seq, reverse=True)[:count]
    lines = []
    for row in rows:
        head = line((f"{row.at:%H:%M:%S} ", "dim"), (row.kind.value, ROLES.get(row.kind, "accent")), " ")
        message = row.message.removeprefix(f"{row.kind.value} ")
        lines.append(line(*head, clip(message, width - width_of(head))))
    return lines
