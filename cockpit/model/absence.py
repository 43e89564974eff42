"""What happened to a book while nobody looked at it: what a stretch of its journal adds up to, and how long that was."""

from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from cockpit.model import format as fmt
from cockpit.model.journal import JournalKind, JournalRow
from cockpit.model.money import ZERO

CUT_OFF = "it was cut off without a word"
"""How a cockpit ended that could say nothing: it was killed, or its machine lost power."""
MOST_WORDS = 2
"""How many of the positions that the venue closed are told in full."""


class Tally(Struct, frozen=True, kw_only=True):
    """What events add up to. `closed` are the venue's own closings, `fills` the trades that were asked for, each in its words.

    `funding` is in quote units, received positive; None where none was settled. `halted` is whether the last word was a halt.
    `elsewhere` counts what else changed at a venue without us.
    `orders` and `transfers` were asked for: orders that were sent, transfers that were made.
    """

    orders: int = 0
    transfers: int = 0
    fills: tuple[str, ...] = ()
    closed: tuple[str, ...] = ()
    stops_placed: int = 0
    stops_fired: int = 0
    liquidations: int = 0
    refusals: int = 0
    problems: int = 0
    elsewhere: int = 0
    funding: Decimal | None = None
    halted: bool = False

    def words(self) -> list[str]:
        """What happened, in the order of its weight: "1 liquidation", "2 fills", "funding +1.20 USDT"."""
        counts = (
            (self.liquidations, "liquidation"),
            (self.stops_fired, "stop fired", "stops fired"),
            (len(self.fills), "fill"),
            (self.stops_placed, "stop placed", "stops placed"),
            (self.refusals, "refusal"),
            (self.problems, "problem"),
            (self.elsewhere, "change elsewhere", "changes elsewhere"),
        )
        found = [several(*each) for each in counts if each[0]]
        if self.funding is not None:
            found.append(f"funding {fmt.amount(self.funding, signed=True)} USDT")
        return [*found, *(["halted"] if self.halted else [])]

    def actions(self) -> list[str]:
        """What was asked for: "1 order sent", "2 transfers"."""
        counts = ((self.orders, "order sent", "orders sent"), (self.transfers, "transfer"))
        return [several(*each) for each in counts if each[0]]

    def closings(self) -> str:
        """What the venue closed by itself, in its words; "" where it closed nothing."""
        more = len(self.closed) - MOST_WORDS
        told = "; ".join(self.closed[:MOST_WORDS])
        return f"{told}; and {more} more" if more > 0 else told


def tally(rows: Iterable[JournalRow]) -> Tally:
    """The sum of these events, oldest first."""
    rows = tuple(rows)
    kinds = [row.kind for row in rows]
    funding = [Decimal(row.data["amount"]) for row in rows if row.kind is JournalKind.FUNDING and "amount" in row.data]
    closed = [row for row in rows if row.unasked]
    halts = [kind for kind in kinds if kind in (JournalKind.HALT, JournalKind.RESUME)]
    return Tally(
        orders=sum(1 for row in rows if row.kind is JournalKind.ORDER and "quantity" in row.data),
        transfers=sum(1 for row in rows if row.kind is JournalKind.TRANSFER and "amount" in row.data),
        fills=tuple(row.message for row in rows if row.kind is JournalKind.FILL),
        closed=tuple(row.message for row in closed),
        stops_placed=sum(1 for row in rows if row.kind is JournalKind.STOP and "trigger" in row.data),
        stops_fired=sum(1 for row in closed if row.kind is JournalKind.STOP),
        liquidations=kinds.count(JournalKind.LIQUIDATION),
        refusals=kinds.count(JournalKind.REFUSAL),
        problems=kinds.count(JournalKind.PROBLEM),
        funding=sum(funding, ZERO) if funding else None,
        elsewhere=sum(1 for row in rows if row.kind is JournalKind.EXTERNAL and not row.unasked),
        halted=halts[-1:] == [JournalKind.HALT],
    )


class Absence(Struct, frozen=True, kw_only=True):
    """What happened between the moment until which a book was seen in a cockpit and the opening of this one.

    The events are those with a `seq` in (after, upto]; times are the store's. `ended` says how the last cockpit ended, "" where
    a trader left it or nobody knows. `steps` is how many steps of plans were done.
    """

    since: datetime
    until: datetime
    after: int
    upto: int
    ended: str = ""
    steps: int = 0
    tally: Tally = Tally()

    @property
    def quiet(self) -> bool:
        """Whether nothing happened."""
        return not self.steps and not self.tally.words()

    def sentence(self) -> str:
        """Since when, what happened, and how the last cockpit ended."""
        day = "" if self.since.date() == self.until.date() else f"{fmt.day(self.since.date())} "
        what = ", ".join([*([several(self.steps, "step done", "steps done")] if self.steps else []), *self.tally.words()])
        told = [f"Since {day}{self.since:%H:%M:%S} UTC ({fmt.since(self.since, self.until)} ago): {what or 'nothing happened'}"]
        told += [f"The last cockpit ended: {self.ended}"] if self.ended else []
        return ". ".join(told) + "."


def several(number: int, one: str, more: str = "") -> str:
    """ "1 fill", "2 fills"."""
    return f"{fmt.count(number)} {one if number == 1 else more or one + 's'}"
