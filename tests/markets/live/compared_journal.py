"""Holds the rows of the journal's pane against the rows of the store's file, which are read beside the cockpit."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Sequence
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

from tests.markets.live.compared import Compared
from tests.markets.live.painted import Block, number

EVENT = re.compile(r"^\s*(\d\d:\d\d:\d\d)  ([a-z]+) +(?:rev (\d+) +(?:([0-9a-f]{8}) +)?(?:step (\d+) +)?)?(\S.*)?$")
DAY = re.compile(r"^\s*(\d{4}-\d\d-\d\d)  UTC")
HEADING = re.compile(r"Journal  ([\d,]+) events?\b")
BAR = re.compile(r"[ ▁▂▃▄▅▆▇█]+$")
"""The bar at the right, which is scrolled with."""
NUMBER = re.compile(r"\b(quantity|price|fee|amount|nav) ([+−]?\d[\d,]*(?:\.\d+)?)")


class Written(NamedTuple):
    """A row of the store."""

    seq: int
    at: str
    kind: str
    message: str
    revision: int
    plan: str
    step: int | None
    data: dict[str, str]

    @property
    def asset(self) -> str:
        """What it is about; "" where it is about no asset."""
        return self.data.get("asset") or self.data.get("symbol", "").partition("/")[0]


class Painted(NamedTuple):
    """A row of the pane: its day and time, what stands in its columns, and all its words; `whole` unless the pane ends in it."""

    at: str
    kind: str
    revision: str
    plan: str
    step: str
    words: str
    whole: bool


def written(path: Path) -> list[Written]:
    """Every row of the journal in a store's file, newest first."""
    with sqlite3.connect(f"file:{path}?mode=ro", uri=True) as store:
        rows: list[Any] = store.execute(
            "SELECT seq, at, kind, message, revision, plan_id, step, data FROM journal ORDER BY seq DESC"
        ).fetchall()
        return [
            Written(seq, at, kind, message, revision, plan or "", step, json.loads(data))
            for seq, at, kind, message, revision, plan, step, data in rows
        ]


def painted(block: Block) -> list[Painted]:
    """The events that stand in a block."""
    return list(_painted(block.rows))


def _painted(rows: Sequence[str]) -> Iterator[Painted]:
    day, parts, event = "", [], None
    for row in [*(BAR.sub("", each) for each in rows), None]:
        begins = None if row is None else EVENT.match(row)
        ends = row is None or begins is not None or DAY.match(row) is not None or not row
        if ends and event is not None:
            words = " ".join(" ".join(parts).split())
            yield Painted(f"{day}T{event[1]}", event[2], event[3] or "", event[4] or "", event[5] or "", words, row is not None)
            event = None
        if row is None:
            return
        if (dated := DAY.match(row)) is not None:
            day = dated[1]
        elif begins is not None:
            event, parts = begins, [begins[6] or ""]
        elif event is not None:
            parts.append(row)


class Journals:
    """The journal's pane over a store's file."""

    def __init__(self, found: Compared, path: Path) -> None:
        self._found, self._path = found, path

    def judge(self, blocks: Sequence[Block]) -> None:
        """The pane, where it stands on the screen."""
        heading = next((match for block in blocks if (match := HEADING.search(block.text)) is not None), None)
        if heading is None:
            return
        known = written(self._path)
        shown = [row for block in blocks for row in painted(block)]
        found = [self._judge(row, known) for row in shown]
        seqs = [one.seq for one in found if one is not None]
        if not seqs:
            return
        order = {row.seq: index for index, row in enumerate(known)}
        following = all(order[b] == order[a] + 1 for a, b in pairwise(seqs))
        self._found.note("journal", following, f"events {seqs} do not follow each other in the store")
        count = sum(1 for row in known if row.seq <= seqs[0])
        self._found.note("journal", int(heading[1].replace(",", "")) == count, f"{heading[0]!r}: the store has {count}")
        late = order[seqs[0]]
        self._found.note("journal", late <= LATE, f"the newest {late} events are not shown: {known[:late]}")

    def _judge(self, row: Painted, known: Sequence[Written]) -> Written | None:
        same = [one for one in known if one.at.replace(" ", "T").startswith(row.at) and one.kind == row.kind]
        fits = [one for one in same if self._fits(row, one)]
        self._found.note("journal", bool(fits), f"{row} is not in the store: {same}")
        return fits[0] if fits else None

    def _fits(self, row: Painted, one: Written) -> bool:
        said = " ".join(one.message.split())
        if row.revision and one.asset:
            said = f"{one.asset} {said}"
        if not (row.words.startswith(said) if row.whole else said.startswith(row.words[:20]) or row.words.startswith(said)):
            return False
        if row.revision and row.revision != str(one.revision):
            return False
        if row.revision and (row.plan, row.step) != (one.plan[:8], "" if one.step is None else str(one.step)):
            return False
        told = NUMBER.findall(row.words.removeprefix(said))
        return all(number(text) == Decimal(one.data[key]) for key, text in told if key in one.data)


LATE = 6
"""Events that may have come since the picture that is shown."""
