"""What holds screens against the market notices what a broken cockpit would paint, and says nothing of what is right."""

from __future__ import annotations

import json
import sqlite3
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from cockpit.model.instruments import perp_symbol, spot_symbol
from cockpit.model.journal import JournalKind, JournalRow
from cockpit.model.market import Quote
from cockpit.ui.blocks.journal import event, event_lines
from cockpit.ui.blocks.rotation_map import overview_map
from cockpit.ui.lines import text_of
from tests.markets.live.compared import Compared, Look, Truth
from tests.markets.live.compared_drawn import Drawn, Past
from tests.markets.live.compared_journal import Journals
from tests.markets.live.painted import Block
from tests.markets.live.pictured import shown
from tests.markets.live.soak import Soak
from tests.markets.live.witness import START, Witness, witness
from tests.ui.test_panes import loaded

SPOT, PERP = spot_symbol("ETH"), perp_symbol("ETH")
HEADING = " [asset]             spot      perp     net  now %"
NOTHING: Any = None
AT = datetime(2026, 8, 20, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def world() -> Witness:
    """A market that nobody asks through a venue."""
    return witness(7, 1)


def quote(symbol: str, price: int, seconds: int = 0) -> Quote:
    """A quote so many seconds old."""
    mark = Decimal(price)
    return Quote(symbol=symbol, mark=mark, bid=mark, ask=mark, at=START - timedelta(seconds=seconds), venue="binance")


@pytest.mark.parametrize(
    ("name", "row", "wrong"),
    [
        ("header", " PAPER LIVE   NAV 16,250.00   quotes 12 s OLD", 0),
        ("header", " PAPER LIVE   NAV 16,250.00   quotes 12 s", 1),
        ("header", " PAPER LIVE   NAV 16,250.00   quotes 2 s", 1),
        ("grid", "    ETH OLD 12 s    8,000   −10,250  −2,250  −13.8", 0),
        ("grid", "    ETH             8,000   −10,250  −2,250  −13.8", 1),
        ("grid", "    ETH OLD 12 s    8,000   −10,250  −2,250  −14.0", 1),
    ],
)
def test_an_old_quote_that_passes_for_a_fresh_one_and_a_weight_that_is_off_by_a_hundredth_are_noticed(
    name: str, row: str, wrong: int, world: Witness
) -> None:
    picture = shown({SPOT: quote(SPOT, 4000), PERP: quote(PERP, 4100, 12)})
    found = Compared()
    Look(found, world, picture, None).judge([Block(name, (HEADING, row) if name == "grid" else (row,))])
    assert len(found.wrong) == wrong, found.wrong
    assert found.figures.total() > 2


@pytest.mark.parametrize(("sign", "wrong"), [(1, 0), (-1, 1)])
def test_a_funding_rate_with_the_wrong_sign_is_noticed(sign: int, wrong: int, world: Witness) -> None:
    told = world.funding(PERP)
    rate = f"{sign * told.rate * 100:+.4f}".replace("-", "−")
    rows = (" ETH  L1  price 4,000.00", f" funding {rate} % every {told.interval_hours} h")
    found = Compared()
    Look(found, world, shown({SPOT: quote(SPOT, 4000), PERP: quote(PERP, 4100)}), None).judge([Block("detail", rows)])
    assert len(found.wrong) == wrong, found.wrong


@pytest.mark.parametrize(("host", "wrong"), [("api.binance.com", False), ("api.bybit.com", True)])
def test_the_price_of_another_venue_is_noticed(host: str, wrong: bool) -> None:
    world = witness(7, 1)
    for each in ("api.binance.com", "api.bybit.com"):
        world.of(each).quote(SPOT)
    told = world.since(SPOT, START, {"api.binance.com": "binance"}.get(host, "bybit"))[-1]
    plain = Quote(symbol=SPOT, mark=told.mark, bid=told.bid, ask=told.ask, at=world.clock(), venue="binance")
    assert bool(Soak(1, world=world)._wrong_quotes(shown({SPOT: plain}))) is wrong


@pytest.mark.parametrize(("cells", "wrong"), [(0, False), (4, True)])
def test_a_name_beside_its_place_on_the_map_is_noticed(cells: int, wrong: bool, world: Witness) -> None:
    picture = loaded()
    assert picture.call is not None
    rows = [text_of(line) for line in overview_map(picture, 58, 24)]
    moved = tuple(row.replace("◆", " " * cells + "◆") if "DEFI" in row and "leading" not in row else row for row in rows)
    past = Past({trail.subject: trail for trail in picture.trails}, lambda _: NOTHING, lambda *_: NOTHING)
    found = Compared()
    Drawn(found, picture, Truth(picture.call, {}, past), world.tiers).judge([Block("map", moved)])
    assert bool(found.wrong) is wrong, (found.wrong, moved)
    assert found.figures["places"] > 3


def journal(path: Path, rows: list[JournalRow]) -> None:
    """A store with these events."""
    with sqlite3.connect(path) as store:
        store.execute("CREATE TABLE journal (seq, at, book, kind, message, revision, plan_id, step, data)")
        for row in rows:
            told = (row.seq, row.at.isoformat(), row.book, row.kind.value, row.message, row.revision, row.plan_id, row.step)
            store.execute("INSERT INTO journal VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", (*told, json.dumps(row.data)))


@pytest.mark.parametrize(
    ("broken", "wrong"),
    [
        (lambda lines: lines, False),
        (lambda lines: [row.replace("quantity 2.5", "quantity 3.5") for row in lines], True),
        (lambda lines: [row.replace("rev 2", "rev 3") for row in lines], True),
        (lambda lines: [row for row in lines if "confirmed" not in row], True),
    ],
)
def test_an_event_that_is_missing_or_not_as_it_was_written_is_noticed(broken: object, wrong: bool, tmp_path: Path) -> None:
    words = [
        (JournalKind.PLAN, "plan B with 6 steps begun", {}),
        (JournalKind.CONFIRMED, "step 2 confirmed", {"asset": "ETH", "attempt": "1"}),
        (JournalKind.FILL, "main: bought 2.5 ETH/USDT:USDT at 3924.95", {"asset": "ETH", "quantity": "2.5", "price": "3924.95"}),
    ]
    rows = [
        JournalRow(
            seq=seq,
            at=AT + timedelta(seconds=seq),
            book="one",
            kind=kind,
            message=message,
            revision=2,
            plan_id="68bed87c9387e49d7a58d826",
            step=None if kind is JournalKind.PLAN else 2,
            data=data,
        )
        for seq, (kind, message, data) in enumerate(words, 1)
    ]
    journal(tmp_path / "store.db", rows)
    events = [event(row) for row in reversed(rows)]
    lines = [text_of(line) for index in range(len(events)) for line in event_lines(events, index, 118, data=True)]
    assert callable(broken)
    found = Compared()
    Journals(found, tmp_path / "store.db").judge([Block("head", (" Journal  3 events",)), Block("lines", tuple(broken(lines)))])
    assert bool(found.wrong) is wrong, (found.wrong, lines)
    assert found.figures["journal"] > 2
