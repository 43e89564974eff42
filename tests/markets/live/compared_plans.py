"""Holds what screens say of plans, shocks, tickets and fills against what the market's world said when they were worked out."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise
from typing import NamedTuple

from cockpit.model.assets import Sector
from cockpit.model.book import Book
from cockpit.model.instruments import QUOTE, perp_symbol, spot_symbol
from cockpit.model.market import Quote
from cockpit.model.orders import StepState
from cockpit.model.picture import Picture, Ticket
from cockpit.model.plan import Action, Step
from tests.markets.live.compared import LEG, OLD, Compared, clock_time
from tests.markets.live.painted import Block, agrees, fact, number, table
from tests.markets.live.reckoned import Reckoned, spread, walked

Said = Callable[[str, datetime], Sequence[Quote]]
"""What the world said of a symbol since a moment; nothing where nobody remembers."""
SPREAD = Decimal("0.02")
"""How far from the mark a limit may lie: the wider collar."""
STOP = Decimal("0.17")
"""How far from its limit a stop may lie: the wider distance, and the collar."""
PERP_TAKER = Decimal("0.0005")
SAME = Decimal("0.000001")
REMEMBERED = 200
"""Pictures: nothing on a screen is made of an older one."""
FILLED_WITHIN = timedelta(seconds=40)
UP = (Action.BUY, Action.OPEN_LONG, Action.REDUCE_SHORT)


class Stood(NamedTuple):
    """What is remembered of a picture."""

    now: datetime
    quote_age: timedelta
    book: Book
    sectors: dict[str, Sector]


class Plans:
    """What was worked out, at which time, on which book: pictures are told as they come, screens are held against them."""

    def __init__(self, found: Compared, said: Said, ahead: timedelta) -> None:
        self._found, self._said, self._ahead = found, said, ahead
        self._pictures: deque[Stood] = deque(maxlen=REMEMBERED)
        self._filled: set[tuple[str, int]] = set()
        self._seen: dict[str, datetime] = {}

    def follow(self, picture: Picture) -> None:
        """One more picture, from any thread."""
        if picture.market is not None and picture.book is not None and picture.quote_age is not None:
            self._pictures.append(Stood(picture.now, picture.quote_age, picture.book, picture.sectors))

    def judge(self, blocks: Sequence[Block], shown: Picture, ticket: Ticket | None) -> None:
        """Everything that stands on a screen."""
        self._fills(shown)
        text = "\n".join(block.text for block in blocks)
        made = clock_time(text, shown.now)
        for block in blocks:
            if made is not None and "nothing is sent" in text:
                self._path(block, made)
                self._shocked(block, made)
            if block.name == "ticket" and ticket is not None:
                self._ticket(block, ticket, shown)

    # Plans and shocks

    def _path(self, block: Block, made: datetime) -> None:
        rows = table(block, "#", "step", "cash", "margin")
        for row in rows:
            leg = LEG.search(row.cells["step"])
            if row.cells["step"] == "now":
                self._start(row.cells, made)
            elif leg is not None and leg[2]:
                up = "▲" in row.cells["step"]
                self._limit("rotation", row.cells.get("at", ""), leg[3], up, made)
                least, most = self._ends(perp_symbol(leg[3]), made)
                if least and row.cells.get("fee"):
                    paid = [
                        Decimal(leg[2].replace(",", "")) * end * PERP_TAKER for end in (least * (1 - SPREAD), most * (1 + SPREAD))
                    ]
                    self._found.between("rotation", f"fee of {row.cells['step']}", row.cells["fee"], *paid)
                price, stop = number(row.cells.get("at", "")), row.cells.get("stop", "")
                if price is not None and stop and "CUT" not in row.cells["step"]:
                    stops = (price * (1 - STOP), price) if leg[1] == "LONG" else (price, price * (1 + STOP))
                    self._found.between("rotation", f"stop of {row.cells['step']}", stop, *stops)

    def _start(self, cells: Mapping[str, str], made: datetime) -> None:
        at = self._standing(made)
        if at is None:
            return
        book = Reckoned(at.book, {}, at.sectors)
        for name, value in (("wallet", book.wallet), ("margin", book.margin()), ("cash", book.coins(QUOTE))):
            self._found.exact("rotation", f"{name} at the start", cells.get(name, ""), value)
        for title, sector in (("L1 %", Sector.L1), ("DEFI %", Sector.DEFI)):
            ends = self._spread(at, made, lambda sums, sector=sector: sums.weight(sector))  # type: ignore[misc]
            if ends is not None:
                self._found.between("rotation", f"{title} at the start", cells.get(title, ""), *ends)

    def _limit(self, where: str, text: str, asset: str, up: bool, made: datetime) -> None:
        """A limit stands on the side of the mark from which it fills, within the collar."""
        least, most = self._ends(perp_symbol(asset), made)
        if least and number(text) is not None:
            ends = (least, most * (1 + SPREAD)) if up else (least * (1 - SPREAD), most)
            self._found.between(where, f"the limit {'to buy' if up else 'to sell'} {asset}", text, *ends)

    def _shocked(self, block: Block, made: datetime) -> None:
        for row in table(block, "perpetual", "mark", "shocked"):
            leg = LEG.search(row.cells["perpetual"])
            if leg is not None:
                quotes = self._said(perp_symbol(leg[3]), self._since(made))
                if quotes:
                    right = any(agrees(row.cells["mark"], price) for quote in quotes for price in prices(quote))
                    self._found.note(
                        "what if", right, f"nobody said the mark {row.cells['mark']} of {leg[3]} since {self._since(made)}"
                    )
        at = self._standing(made)
        for name, value in (("NAV, stops fill", "nav"), ("NAV, in a gap", "nav")):
            painted = re.search(rf"{name} +(?:! )?([\d,]+)", block.text)
            ends = self._spread(at, made, lambda sums, value=value: getattr(sums, value)) if at is not None else None  # type: ignore[misc]
            if painted is not None and ends is not None:
                self._found.between("what if", name, painted[1], *ends)

    # Tickets and fills

    def _ticket(self, block: Block, ticket: Ticket, shown: Picture) -> None:
        step, text, found = ticket.step, block.text, self._found
        if ticket.refusals or not step.action.trades or step.asset is None or step.quantity is None:
            return
        since = self._seen.setdefault(ticket.shown_hash, shown.now) - OLD - self._ahead * 2  # it stands while it is read
        limit, expected, notional = (fact(text, name) for name in ("limit", "expected", "notional"))
        books = self._said(symbol_of(step), since)
        if not books:
            return
        walks = walks_of(books, step)
        if number(expected) is not None:
            right = any(agrees(expected, price) for price in walks)
            found.note("ticket", right, f"nobody's book fills {step.quantity} {step.asset} at {expected}: {walks}")
        least, most = min(min(prices(quote)) for quote in books), max(max(prices(quote)) for quote in books)
        ends = (least, most * (1 + SPREAD)) if step.action in UP else (least * (1 - SPREAD), most)
        found.between("ticket", f"the limit of {step.action} {step.asset}", limit, *ends)
        if number(notional) is not None and walks:
            found.between("ticket", "notional", notional, step.quantity * min(walks), step.quantity * max(walks))
            if ":" in symbol_of(step) and fact(text, "fee"):
                fees = (step.quantity * price * PERP_TAKER for price in (min(walks), max(walks)))
                found.between("ticket", "fee", fact(text, "fee"), *fees)

    def _fills(self, shown: Picture) -> None:
        """What was filled on paper was filled at what a book said then."""
        execution = shown.execution
        for view in execution.steps if execution is not None else ():
            key = (execution.plan.plan.id if execution is not None else "", view.step.number)
            if (
                view.state is not StepState.DONE
                or view.average_price is None
                or key in self._filled
                or not view.step.action.trades
            ):
                continue
            self._filled.add(key)
            quotes = self._said(symbol_of(view.step), shown.now - FILLED_WITHIN)
            if quotes and view.filled == view.step.quantity:
                right = any(abs(price / view.average_price - 1) < SAME for price in walks_of(quotes, view.step))
                self._found.note("fills", right, f"nobody's book filled {view.filled} {view.step.asset} at {view.average_price}")

    # What stood then

    def _standing(self, made: datetime) -> Stood | None:
        """The picture of about that time, unless the book changed around it."""
        around = [one for one in tuple(self._pictures) if abs(one.now - made) <= timedelta(seconds=14)]
        return around[-1] if around and all(a.book.revision == b.book.revision for a, b in pairwise(around)) else None

    def _since(self, made: datetime) -> datetime:
        """Since when what was said may be what something made then rests on."""
        ages = [
            one.quote_age
            for one in tuple(self._pictures)
            if abs(one.now - made) <= timedelta(seconds=6) and one.quote_age is not None
        ]
        return made - max(ages, default=OLD) - OLD - self._ahead

    def _ends(self, symbol: str, made: datetime) -> tuple[Decimal, Decimal]:
        found = [price for quote in self._said(symbol, self._since(made)) for price in prices(quote)]
        return (min(found), max(found)) if found else (Decimal(0), Decimal(0))

    def _spread(self, at: Stood, made: datetime, value: Callable[[Reckoned], Decimal]) -> tuple[Decimal, Decimal] | None:
        """The least and the greatest that a sum of the book may have been."""
        book = at.book
        symbols = {spot_symbol(asset) for account in book.accounts for asset in account.spot if asset != QUOTE}
        symbols |= {one.symbol for _, one in book.positions()}
        said = {symbol: self._ends(symbol, made) for symbol in sorted(symbols)}
        if not all(low for low, _ in said.values()):
            return None
        return spread(lambda given: value(Reckoned(book, given, at.sectors)), said)


def prices(quote: Quote) -> tuple[Decimal, Decimal]:
    """What a venue may give as the mark: its own, or the middle of its book."""
    return quote.mark, (quote.bid + quote.ask) / 2


def symbol_of(step: Step) -> str:
    """What a step trades."""
    assert step.symbol is not None
    return step.symbol


def walks_of(said: Sequence[Quote], step: Step) -> list[Decimal]:
    """What a step's whole order may fill at on average: in a book that was said, or in what a price of then has left of it."""
    assert step.quantity is not None
    up = step.action in UP
    found = set()
    for book in said:
        levels = [(level.price, level.size) for level in (book.asks if up else book.bids)]
        for best in {book.ask if up else book.bid, *(quote.ask if up else quote.bid for quote in said)}:
            found.add(walked([one for one in levels if (one[0] >= best if up else one[0] <= best)], step.quantity))
    return sorted(price for price in found if price is not None)
