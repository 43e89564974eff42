"""A small app on the difference driver: `python -m tests.terminal.counting FILE` counts on the screen and in a file."""

import sys
from pathlib import Path

from textual.app import App, ComposeResult
from textual.widgets import Static

from cockpit.terminal.device import find
from cockpit.terminal.driver import DifferenceDriver
from cockpit.terminal.modes import Modes
from cockpit.terminal.news import LineReturned

PACE = 0.02


class Counting(App[None]):
    """Counts up, fills the screen anew each time, and writes down what it did and heard."""

    ENABLE_COMMAND_PALETTE = False
    BINDINGS = [("k", "heard"), ("c", "copy"), ("q", "quit")]  # noqa: RUF012 - the base class has it without ClassVar

    def __init__(self, file: Path) -> None:
        super().__init__()
        self._file = file
        self._count = 0

    def compose(self) -> ComposeResult:
        yield Static()

    def on_mount(self) -> None:
        self.set_interval(PACE, self._go_on)

    def _go_on(self) -> None:
        self._count += 1
        rows = [
            f"{self._count} row {row} " + "".join(chr(97 + (self._count * row + x) % 26) for x in range(60)) for row in range(20)
        ]
        self.query_one(Static).update("\n".join([f"count {self._count}.", *rows]))
        self._note(f"count {self._count}")

    def _note(self, what: str) -> None:
        with self._file.open("a", encoding="utf-8") as file:
            file.write(what + "\n")

    def action_heard(self) -> None:
        self._note("key")

    def action_copy(self) -> None:
        self.bell()
        self.copy_to_clipboard("copied")

    def on_line_returned(self, returned: LineReturned) -> None:
        self._note(f"returned {returned.seconds > 0}")


def main() -> None:
    """Run it in this terminal."""
    modes = Modes(find().descriptor)
    app = Counting(Path(sys.argv[1]))
    app.driver_class = type("Chosen", (DifferenceDriver,), {"modes": modes})
    app.run()


if __name__ == "__main__":
    main()
