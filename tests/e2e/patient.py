"""Runs the real cockpit with all the patience that a busy machine asks for: `python -m tests.e2e.patient [ARGUMENTS]`.

For what comes about within a time of the cockpit's own: that it comes about is tested so, and that the time ends elsewhere.
"""

from cockpit.cli import main
from cockpit.markets.live import probe
from cockpit.terminal import driver, flow, report
from cockpit.terminal.departure import Departure
from cockpit.ui.screens import ticket
from tests.pseudo_terminal import PATIENCE

LEAVING = 15.0
"""Seconds for an end in good order. Textual's own driver may hang in it, from which only a deadline helps."""


def be_patient() -> None:
    """Wait for answers as long as the tests do, tell as long what is told for a second, and take time to leave."""
    probe.DEADLINE = probe.WITHIN = PATIENCE
    report.PATIENCE = flow.PATIENCE = driver.FAREWELL = PATIENCE
    driver.SILENCE = (PATIENCE, PATIENCE)
    ticket.TOLD = PATIENCE
    defaults = Departure.__init__.__kwdefaults__
    assert defaults is not None
    defaults["deadline"] = LEAVING


if __name__ == "__main__":
    be_patient()
    main(prog_name="cockpit")
