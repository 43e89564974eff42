"""What happens to an error that nobody expected: one sentence for the trader, the details into a private file."""

import os
import traceback
from datetime import UTC, datetime
from pathlib import Path


def default_log_file() -> Path:
    """The log beside the store, in the user's state directory."""
    from platformdirs import user_state_path

    return user_state_path("rotation-cockpit") / "cockpit.log"


def write_crash(error: BaseException, file: Path | None) -> Path | None:
    """Append the traceback, without any variable's value, to `file` (0600); None if that cannot be done."""
    target = file or default_log_file()
    text = f"{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ} " + "".join(traceback.format_exception(error))
    try:
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(target, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        with os.fdopen(descriptor, "a", encoding="utf-8", errors="backslashreplace") as log:
            log.write(text)
    except OSError:
        return None
    return target


def unexpected(what: str, error: Exception, file: Path | None) -> str:
    """The sentence for an error that nobody expected in a worker; its traceback goes into the log."""
    written = write_crash(error, file)
    return f"{what}: unexpected {type(error).__name__}; details are in {written or 'no file, it could not be written'}"


def crash_sentence(error: BaseException | None, file: Path | None) -> str:
    """The one sentence that is printed."""
    where = f"details are in {file}" if file else "the log could not be written"
    name = type(error).__name__ if error is not None else "an unknown error"
    return f"cockpit: stopped by an unexpected {name}; {where}. Orders, stops and journal stand as stored: start again."
