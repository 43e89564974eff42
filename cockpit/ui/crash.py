"""What happens to an error that nobody expected: one sentence for the trader, the details into a private file."""

import contextlib
import sys
from pathlib import Path

from cockpit.model.text import sanitise
from cockpit.ui.crash_log import write_crash

LONGEST = 2000


def unexpected(what: str, error: Exception, file: Path | None) -> str:
    """The sentence for an error that nobody expected in a worker; where it happened goes into the log."""
    written = write_crash(error, file)
    return f"{what}: unexpected {type(error).__name__}; details are in {written or 'no file, it could not be written'}"


def crash_sentence(error: BaseException | None, file: Path | None) -> str:
    """The one sentence that is printed; `file` None says that there is no log."""
    where = f"details are in {file}" if file else "the log could not be written"
    name = type(error).__name__ if error is not None else "error"
    told = f"cockpit: stopped by an unexpected {name}; {where}. Orders, stops and journal stand as stored: start again."
    return sanitise(told, limit=LONGEST)


def last_words(*sentences: str) -> None:
    """Print sentences where errors are read; a terminal that is gone hears nothing."""
    with contextlib.suppress(OSError, ValueError, AttributeError):
        for sentence in sentences:
            sys.stderr.write(sanitise(sentence, limit=LONGEST) + "\n")
            sys.stderr.flush()
