"""The driver that writes differences shows what Textual's own shows, cell by cell, with less than a seventh of its bytes."""

import re
import time
from pathlib import Path

from tests.benchmarks.watching import VIEWS
from tests.e2e.walking import WIDE, Home, Walk
from tests.pseudo_terminal import PATIENCE
from tests.terminal.emulator import Cell

KEYS = "23456712431"


def timeless(cells: list[list[Cell]]) -> list[list[Cell]]:
    """The same screen at no time of the day."""
    for line in cells:
        for moment in re.finditer(r"\d\d:\d\d:\d\d", "".join(cell.data or " " for cell in line)):
            for x in range(*moment.span()):
                line[x] = line[x]._replace(data="0")
    return cells


def look(walk: Walk) -> list[list[Cell]]:
    """What stands on the screen."""
    return timeless(walk.screen.cells)


def words(cells: list[list[Cell]]) -> list[str]:
    return ["".join(cell.data for cell in line) for line in cells]


def test_every_view_looks_the_same_on_both_drivers(tmp_path: Path) -> None:
    """Side by side, so that both are given the time that they need: once they stand still they show the same."""
    walks = []
    for driver in ("textual", "difference"):
        folder = tmp_path / driver
        folder.mkdir()
        walks.append(Home(folder).open("run", "--driver", driver, size=WIDE))
    stock, own = walks
    with stock, own:
        for key in ("", *KEYS):
            for walk in walks:
                walk.press(*key)
            for walk in walks:
                walk.see(VIEWS[key].strip() if key else "DeFi Alpha")
            limit = time.monotonic() + PATIENCE
            while look(own) != look(stock) and time.monotonic() < limit:
                for walk in walks:
                    walk.settle(quiet=0.3)
            assert words(look(own)) == words(look(stock)), key
            assert look(own) == look(stock), key
        for walk in walks:
            walk.quit()
    assert own.bytes_read * 7 < stock.bytes_read
