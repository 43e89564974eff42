"""The driver that writes differences shows what Textual's own shows, cell by cell, with an eighth of its bytes."""

import re
from pathlib import Path

from tests.benchmarks.watching import VIEWS
from tests.e2e.walking import WIDE, Home, Walk
from tests.terminal.emulator import Cell

KEYS = "23456712431"


def timeless(cells: list[list[Cell]]) -> list[list[Cell]]:
    """The same screen at no time of the day."""
    for line in cells:
        for moment in re.finditer(r"\d\d:\d\d:\d\d", "".join(cell.data or " " for cell in line)):
            for x in range(*moment.span()):
                line[x] = line[x]._replace(data="0")
    return cells


def looks(walk: Walk) -> list[list[list[Cell]]]:
    """What each view looks like after its key, the start first."""
    seen = []
    with walk:
        walk.see("DeFi Alpha")
        walk.settle(quiet=1.0)
        seen.append(timeless(walk.screen.cells))
        for key in KEYS:
            walk.press(key)
            walk.see(VIEWS[key].strip())
            walk.settle(quiet=1.0)
            seen.append(timeless(walk.screen.cells))
        walk.quit()
    return seen


def test_every_view_looks_the_same_on_both_drivers(tmp_path: Path) -> None:
    walks = []
    screens = []
    for driver in ("textual", "difference"):
        folder = tmp_path / driver
        folder.mkdir()
        walks.append(Home(folder).open("run", "--driver", driver, size=WIDE))
        screens.append(looks(walks[-1]))
    stock, own = walks
    expected, shown = screens
    for key, ours, theirs in zip(("start", *KEYS), shown, expected, strict=True):
        lines = ["".join(cell.data for cell in line) for line in ours]
        assert lines == ["".join(cell.data for cell in line) for line in theirs], key
        assert ours == theirs, key
    assert own.bytes_read * 7 < stock.bytes_read
