"""What an order ticket says: the order in large type and in words, its worst case, the book, the rules and what comes after."""

from collections.abc import Callable
from decimal import Decimal
from typing import NamedTuple

from cockpit.model import format as fmt
from cockpit.model.assets import Sector
from cockpit.model.market import MarketSnapshot
from cockpit.model.money import ZERO
from cockpit.model.picture import Hazard, Picture, Ticket, WorstCase
from cockpit.model.plan import Action, Check, CheckKind, Step
from cockpit.model.wording import exact_price
from cockpit.ui.keys import Keymap
from cockpit.ui.large_type import HEIGHT, large_type
from cockpit.ui.lines import EMPTY, Line, Span, beside, line, spread, title, wrapped
from cockpit.ui.precision import tick_of
from cockpit.ui.refusals import explained, keys_now
from cockpit.ui.rules import COLUMNS as RULE_COLUMNS
from cockpit.ui.rules import REPAIRED, check_row, is_repaired, mark_of, rule_words
from cockpit.ui.steps import large_words, step_brief, step_count, step_words
from cockpit.ui.table import Column, Fact, Row, facts, table

WIDE = 100
"""From so many cells on the book and the path stand side by side."""
GAP = 3
BOOK = (Column("the book", right=False), Column("before"), Column("after"), Column("change"))
PATH = (
    Column("#", about="ticket.step"),
    Column("step", right=False, about="ticket.order"),
    Column("cash", drop=2, about="book.cash"),
    Column("L1 %", drop=3, about="book.net"),
    Column("DEFI %", drop=3, about="book.net"),
    Column("why", right=False, name=True, least=10, drop=1),
)
NO_HAZARD = {
    Action.TRANSFER: "none: the money stays yours, nothing is bought or sold",
    Action.SELL: "none: it only sells what is held",
    Action.REDUCE_LONG: "none: reduce-only, it opens nothing",
    Action.REDUCE_SHORT: "none: reduce-only, it opens nothing",
    Action.SET_STOP: "none: it only protects",
    Action.ADD_MARGIN: "of it: a liquidation would take the added margin as well; the stop comes before that",
    Action.BUY: "none: a stablecoin",
}
"""What stands for the worst case of a step that puts nothing at risk."""


class Change(NamedTuple):
    """One figure of the book before and after the step, as it is written; `change` is "" where it stays as it is."""

    name: str
    before: str
    after: str
    change: str
    about: str

    @property
    def stays(self) -> bool:
        """Whether it looks the same before and after."""
        return self.before == self.after


def ticket_lines(ticket: Ticket, picture: Picture, width: int, height: int, keymap: Keymap) -> list[Line]:
    """The whole ticket. What must be read stands first, a refusal before all; large type only where it fits in `height` rows."""
    step = ticket.step
    tick = tick_of(picture.market, step.symbol)
    words = [line(("  ", ""), (row[0].text, "strong", "ticket.order")) for row in wrapped(step_words(step, tick), width - 2)]
    terms = [
        *[line("  ", *row) for row in facts(_terms(step, tick), width - 2)],
        *_worst(ticket, width),
        *wrapped(f"why: {step.reason}", width - 2, "dim", indent="  "),
    ]
    book = _book(ticket)
    changes = [line("  ", *row) for row in facts(_changes(book), width - 2)] if width < WIDE else []
    details = _details(ticket, picture.market, book, width)
    rows = [_head(ticket, picture, width)]
    if ticket.refusals:
        return [*rows, *words, *_refusals(ticket, width, keymap), *terms, *_verdict(ticket, width), EMPTY, *details]
    rest = [*words, *terms, *_verdict(ticket, width), *changes]
    large = next((drawn for text in large_words(step, tick) if (drawn := large_type(text, width - 2))), ())
    room = height - len(rows) - len(rest)
    if large and room >= HEIGHT:
        gap = [EMPTY] if room >= HEIGHT + 2 else []
        rows += [*gap, *(line((f"  {row}", "strong")) for row in large), *gap]
    return [*rows, *rest, EMPTY, *details]


def _head(ticket: Ticket, picture: Picture, width: int) -> Line:
    step = ticket.step
    attempt = f", attempt {ticket.attempt}" if ticket.attempt > 1 else ""
    venue = "" if step.venue.upper() == picture.mode.upper() else f" at {step.venue}"
    where = f"{picture.mode.upper()} · {step.account}{venue} · {picture.market_label.value}"
    left = line((f"Step {step.number} of {ticket.of}{attempt}", "strong", "ticket.step"))
    return spread(left, line((where, "badge")), width)


def _terms(step: Step, tick: Decimal | None) -> list[Fact]:
    pairs: list[Fact] = []
    if step.action.trades:
        pairs.append(("limit", (exact_price(step.price, tick), "strong"), "ticket.limit"))
        if step.expected_price is not None and step.expected_price != step.price:
            pairs.append(("expected", fmt.price(step.expected_price, tick), "ticket.expected"))
        pairs.append(("notional", fmt.amount(step.notional), "ticket.notional"))
    if step.leverage is not None:
        pairs.append(("leverage", fmt.times(step.leverage), "book.leverage"))
    if step.margin is not None:
        pairs.append(("margin freed" if step.action.reduces else "margin", fmt.amount(step.margin), "book.margin"))
    if step.fee is not None:
        pairs.append(("fee", fmt.amount(step.fee), "ticket.fee"))
    base = step.expected_price or step.price
    if step.stop_price is not None:
        pairs.append(("stop", (f"{exact_price(step.stop_price, tick)}{_distance(step.stop_price, base)}", "strong"), "book.stop"))
    elif step.action.opens:
        pairs.append(("stop", ("NONE", "alarm")))
    if step.liquidation_price is not None:
        away = _distance(step.liquidation_price, base)
        pairs.append(("liquidation", f"{fmt.price(step.liquidation_price, tick)}{away}", "book.liquidation"))
    return pairs


def _distance(price: Decimal, base: Decimal | None) -> str:
    return f" ({fmt.percent(price / base - 1, signed=True)})" if base else ""


def _worst(ticket: Ticket, width: int) -> list[Line]:
    """The worst case: the total first, then its parts."""
    step, worst = ticket.step, ticket.worst
    if worst.hazard is Hazard.NONE:
        if step.action.opens:
            return [line("  worst case: ", ("the whole margin, there is no stop", "alarm"))]
        return wrapped(f"worst case {NO_HAZARD[step.action]}", width - 2, "dim", indent="  ")
    if worst.hazard is Hazard.STOP:
        what = "if the stop is hit: "
    else:
        what = f"if {step.asset} falls {fmt.percent(worst.shock, 0)}, its sector's shock: "
    share = f" = {fmt.percent(-worst.share, 2)} of NAV"
    total = fmt.amount(-worst.loss)
    rows = [line(f"  {what}", (total, "bad", "ticket.worst"), (share, "bad", "ticket.worst_share"))]
    parts: list[Fact] = [("move", fmt.amount(-worst.move, signed=True), "ticket.worst_move")]
    parts.append(("fees", (_fees(worst), "", "ticket.worst_fees")))
    if worst.hazard is Hazard.STOP:
        parts.append(("slippage", (f"{fmt.amount(-worst.slippage)} ({_slips(worst)})", "", "ticket.worst_slippage")))
    rows += [line("    ", *row) for row in facts(parts, width - 4)]
    if worst.whole is not None:
        share = f" = {fmt.percent(-worst.whole / ticket.before.nav, 2)} of NAV" if ticket.before.nav > 0 else ""
        whole = (f"{fmt.amount(-worst.whole)}{share}", "bad", "ticket.worst_whole")
        rows.append(line("    with what is held already, the whole position: ", whole))
    return rows


def _fees(worst: WorstCase) -> str:
    if worst.hazard is Hazard.SHOCK:
        return fmt.amount(-worst.fees)
    return f"{fmt.amount(-worst.fees)} ({fmt.amount(worst.entry_fee)} in, {fmt.amount(worst.closing_fee)} out)"


def _slips(worst: WorstCase) -> str:
    """Where the slippage comes from."""
    bps = f"{fmt.amount(worst.slippage_bps, 0)} bps"
    if worst.book_bps is None:
        return f"{bps}: the limit"
    if worst.book_bps >= worst.slippage_bps:
        return f"{bps}: the order book now"
    return f"{bps}: the limit; the book now {fmt.amount(worst.book_bps, 0)}"


def _verdict(ticket: Ticket, width: int) -> list[Line]:
    """The rules in a line, then what is broken and no refusal names, and what warns."""
    hard = [check for check in ticket.checks if check.kind is CheckKind.HARD]
    repaired = sum(map(is_repaired, hard))
    kept = sum(check.passed for check in hard) - repaired
    counts = (
        (f"✓ {kept} hold", kept, "good"),
        (f"{REPAIRED} {repaired} repaired", repaired, "accent"),
        (f"✗ {len(hard) - kept - repaired} broken", len(hard) - kept - repaired, "bad"),
        (f"! {len(ticket.warnings)} warn", len(ticket.warnings), "warn"),
    )
    told = [Span(f"{words}   ", role, "ticket.rules") for words, count, role in counts if count]
    rows = [line(("  Rules: ", "title"), *told)]
    named = {rule for rule, _ in ticket.refusals}
    broken = [check for check in hard if not check.passed and check.rule not in named]
    for check, mark, role in (*((check, "✗", "bad") for check in broken), *((check, "!", "warn") for check in ticket.warnings)):
        rows += wrapped(fmt.minus(f"{mark} {check.message or rule_words(check.rule)}"), width - 2, role, indent="  ")
    return rows


def _refusals(ticket: Ticket, width: int, keymap: Keymap) -> list[Line]:
    """That it cannot be confirmed, every reason, what each rule protects from, and the ways on."""
    rows = [line(("  ✗ This step cannot be confirmed as it stands", "alarm"))]
    for rule in dict.fromkeys(rule for rule, _ in ticket.refusals):
        for sentence in (sentence for name, sentence in ticket.refusals if name == rule):
            rows += wrapped(f"✗ {rule_words(rule)}: {sentence}", width - 2, "bad", indent="  ")
        rows += explained(rule, width - 4, keymap, indent="    ")
    return rows + wrapped(keys_now(keymap), width - 2, "strong", indent="  ")


def _details(ticket: Ticket, market: MarketSnapshot | None, book: list[Change], width: int) -> list[Line]:
    """The book, the path and the rules in full."""
    if width < WIDE:
        path = _path(ticket, market, width)
        return [*table(BOOK, [_row(row) for row in book], width), EMPTY, *path, EMPTY, *_rules(ticket, width)]
    left = table(BOOK, [_row(row) for row in book], width)
    half = max(sum(len(part.text) for part in row) for row in left)
    return [*beside(left, _path(ticket, market, width - half - GAP), half, GAP), EMPTY, *_rules(ticket, width)]


def _book(ticket: Ticket) -> list[Change]:
    """What changes first, then what stays."""
    before, after = ticket.before, ticket.after
    rows = []
    for sector in (Sector.L1, Sector.DEFI, Sector.STABLE):
        old, new = before.sectors.get(sector), after.sectors.get(sector)
        if old is not None or new is not None:
            weights = old.weight if old else ZERO, new.weight if new else ZERO
            rows.append(_change(f"net {sector.value}", *weights, fmt.percent, "book.net"))
    rows += [
        _change("free reserve", ticket.free_reserve_before, ticket.free_reserve_after, fmt.percent, "book.free_reserve"),
        _change("cash", before.cash, after.cash, fmt.amount, "book.cash"),
        _change("futures wallet", before.futures_wallet, after.futures_wallet, fmt.amount, "book.futures_wallet"),
        _change("margin", before.margin_used, after.margin_used, fmt.amount, "book.margin"),
        _change(
            "futures notional", before.gross_futures_notional, after.gross_futures_notional, fmt.amount, "book.gross_futures"
        ),
        _liquidation(before.nearest_liquidation, after.nearest_liquidation),
        _change("NAV", before.nav, after.nav, fmt.amount, "book.nav"),
    ]
    return sorted(rows, key=lambda row: row.stays)


def _change(name: str, old: Decimal | None, new: Decimal | None, write: Callable[[Decimal | None], str], about: str) -> Change:
    before, after = write(old), write(new)
    if before == after or old is None or new is None:
        return Change(name, before, after, "", about)
    return Change(name, before, after, ("+" if new > old else "") + write(new - old).removeprefix("+"), about)


def _liquidation(old: Decimal | None, new: Decimal | None) -> Change:
    """The nearest liquidation; its sign is the side that it lies on, so the change is how much farther away it is."""
    row = _change("nearest liquidation", old, new, _signed_percent, "book.liquidation_distance")
    farther = "" if row.stays or old is None or new is None else _signed_percent(abs(new) - abs(old))
    return row._replace(change=farther)


def _row(row: Change) -> Row:
    role = "" if row.stays else "strong"
    return Row((row.name, *((text, role, row.about) for text in (row.before, row.after, row.change))), role)


def _changes(book: list[Change]) -> list[Fact]:
    """What changes, each in a few words."""
    return [(row.name, (f"{_bare(row)} → {row.after}", "strong"), row.about) for row in book if not row.stays]


def _bare(row: Change) -> str:
    """The value before, without the unit that stands after the second one."""
    return row.before.removesuffix(" %") if row.after.endswith(" %") else row.before


def _signed_percent(value: Decimal | None) -> str:
    return fmt.percent(value, signed=True)


def _path(ticket: Ticket, market: MarketSnapshot | None, width: int) -> list[Line]:
    """What comes after this step, at present prices."""
    if not ticket.path:
        return [title("The path that remains"), line(("This is the last step.", "dim"))]
    rows = [title("The path that remains", f"{step_count(len(ticket.path))}, each with a ticket")]
    rows += table(PATH, [_later(step, market) for step in ticket.path], width)
    for rule, sentence in ticket.ahead:
        rows += wrapped(f"! ahead, {rule_words(rule)}: {sentence}", width, "warn")
    return rows


def _later(step: Step, market: MarketSnapshot | None) -> Row:
    weights = {sector: row.weight for sector, row in step.after.sectors.items()}
    return Row(
        (
            (str(step.number), "dim"),
            step_brief(step, tick_of(market, step.symbol)),
            fmt.whole(step.after.cash),
            fmt.percent(weights.get(Sector.L1), unit=False),
            fmt.percent(weights.get(Sector.DEFI), unit=False),
            (step.reason, "dim"),
        )
    )


def _rules(ticket: Ticket, width: int) -> list[Line]:
    """Every rule with its value and its limit, from the book as it is to the end of the plan; what speaks first."""
    order = sorted(ticket.checks, key=_speaks)
    head = title("Rules", "the worst from now (start) to the end of the plan, against the limit")
    if width < WIDE or len(order) < 2:
        return [head, *table(RULE_COLUMNS, [check_row(check) for check in order], width)]
    half, middle = (width - GAP) // 2, (len(order) + 1) // 2
    parts = [table(RULE_COLUMNS, [check_row(check) for check in part], half) for part in (order[:middle], order[middle:])]
    return [head, *beside(parts[0], parts[1], half, GAP)]


def _speaks(check: Check) -> int:
    mark, _ = mark_of(check)
    return ("✗", "!").index(mark) if mark in ("✗", "!") else 2 if is_repaired(check) else 3
