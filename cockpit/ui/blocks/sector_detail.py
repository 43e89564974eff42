"""All about a sector of the positions: its sums, what the strategy asks of it, its members; and what the futures wallets hold."""

from collections.abc import Sequence
from decimal import Decimal

from cockpit.model import format as fmt
from cockpit.model.money import ZERO
from cockpit.model.picture import Picture
from cockpit.ui.blocks.asset import column_width, in_columns, signals_of, stacked
from cockpit.ui.blocks.drift import drift_bar, drift_word, nothing_rotates
from cockpit.ui.blocks.holdings import Holding, Kind
from cockpit.ui.blocks.position_grid import funding_words, money
from cockpit.ui.lines import EMPTY, Line, line, title, wrapped
from cockpit.ui.table import NEVER_SHOWN, Column, Fact, Row, facts, table

MEMBERS = (
    Column("member", right=False, name=True, least=8),
    Column("net", about="book.net"),
    Column("share %", about="book.sector_share"),
    Column("weight %", drop=1, about="book.weight"),
    Column("PnL", drop=2, about="book.unrealised_pnl"),
)


def sector_drawer(picture: Picture, row: Holding, rows: Sequence[Holding], width: int) -> list[Line]:
    """The detail of a sector; `rows` are what its net is the sum of."""
    room = column_width(width)
    pairs: list[Fact] = [
        ("spot", fmt.amount(row.spot), "book.spot"),
        ("perp", fmt.amount(row.perp, signed=True), "book.perp"),
        ("net", fmt.amount(row.net), "book.net"),
        ("weight", (fmt.percent(row.weight), "strong"), "book.weight"),
    ]
    if any(member.line is not None for member in rows):
        pairs += [
            ("PnL", money(row.pnl) if row.pnl is not None else "unknown", "book.unrealised_pnl"),
            ("funding a day", funding_words(row.funding), "book.funding_day"),
            ("margin", fmt.amount(row.margin), "book.margin"),
        ]
    count = sum(1 for member in rows if member.kind is Kind.ASSET)
    heading = title(row.name, f"{count} holding{'s' if count != 1 else ''}")
    if not row.sector.rotates:
        asked = wrapped("Nothing is asked of this sector: it is shown and counted, never traded.", room, "dim")
    elif row.target is None:
        asked = wrapped("No target: there is no phase to follow yet.", room, "dim")
    elif row.weight is None:
        asked = nothing_rotates(picture.exposure, room) if picture.exposure is not None else []
    else:
        asked = _asked(row.weight, row.target, row.band, picture, room)
    members = _members(row, rows, room)
    readings = signals_of(picture, row.name, row.sector, room)
    if room < width:
        return in_columns([[heading], facts(pairs, room), asked, members], [readings], width)
    return stacked([[heading], facts(pairs, room), asked, readings, members])


def wallet_drawer(picture: Picture, width: int) -> list[Line]:
    """What the futures wallets hold, account by account."""
    rows = [
        Row(
            (
                account.id,
                fmt.amount(account.futures_wallet),
                fmt.amount(account.margin_used),
                fmt.amount(account.free_wallet),
            )
        )
        for account in (picture.book.accounts if picture.book is not None else ())
    ]
    columns = (
        Column("account", right=False, name=True),
        Column("futures wallet", about="book.futures_wallet"),
        Column("margin", about="book.margin"),
        Column("free", about="book.futures_wallet"),
    )
    words = (
        "Wallets and unrealised PnL less the signed notional of the perpetuals: what is long in futures counts in its own "
        "sector, so it is taken off here, and the rows of STABLE sum to its net."
    )
    room = column_width(width)
    return [title("futures wallets less perpetuals"), *table(columns, rows, room), EMPTY, *wrapped(words, room, "dim")]


def _asked(weight: Decimal, target: Decimal, band: Decimal | None, picture: Picture, width: int) -> list[Line]:
    """Weight against target, and in words what would close the gap."""
    gap = target - weight
    base = picture.exposure.base if picture.exposure is not None else None
    pairs: list[Fact] = [("target", (fmt.percent(target), "strong"), "book.target")]
    if band is not None:
        pairs.append(("band", f"± {fmt.percent(band)}", "book.band"))
    pairs.append(("drift", fmt.percent(-gap, signed=True), "book.drift"))
    if base is not None:
        pairs.append(("to move", fmt.amount(gap * base, signed=True), "book.to_move"))
    word = drift_word(weight, target, band)
    whose = f"strategy {picture.strategy}" if picture.strategy else "the strategy"
    words = {
        "inside": "inside its band: nothing is traded",
        "over": f"over its band: {whose} asks for less",
        "under": f"under its band: {whose} asks for more",
    }
    said = wrapped(
        words.get(word, "what the other sectors leave"), width, "strong" if word == "inside" else "warn" if word else ""
    )
    return [*facts(pairs, width), line(drift_bar(weight, target, band)), *said]


def _members(row: Holding, rows: Sequence[Holding], width: int) -> list[Line]:
    """Which part of the sector's net each of its rows is, the largest first; without a net there are no parts."""
    if not rows:
        return [title("Members"), line(("Nothing is held in this sector.", "dim"))]
    whole = row.net

    def share(net: Decimal | None) -> str:
        return fmt.NONE if net is None or not whole else fmt.percent(net / whole, unit=False)

    of_perps = any(member.line is not None for member in rows)
    columns = MEMBERS if of_perps else [*MEMBERS[:-1], MEMBERS[-1]._replace(drop=NEVER_SHOWN)]
    cells = [
        Row(
            (
                member.label.strip(),
                fmt.amount(member.net),
                share(member.net),
                fmt.percent(member.weight, unit=False),
                money(member.pnl) if member.line is not None else "",
            )
        )
        for member in sorted(rows, key=lambda member: abs(member.net or ZERO), reverse=True)
    ]
    return [title("Members", "by size"), *table(columns, cells, width)]
