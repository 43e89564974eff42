"""An app in which something breaks ends at once with code 1, one sentence and a log of places without values."""

import stat
from pathlib import Path

import pytest

from cockpit.ui.app import CockpitApp
from cockpit.ui.guarded import threads_watched
from tests.e2e.breaking import SECRET, WITH_Z
from tests.ui.small_desk import SmallDesk


class Breaking(CockpitApp):
    """The cockpit that breaks as soon as it stands."""

    place = ""

    def on_ready(self) -> None:
        self.call_later(WITH_Z[self.place], self)


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("handler", "KeyError"),
        ("odd", "Odd"),
        ("recursion", "RecursionError"),
        ("memory", "MemoryError"),
        ("task", "KeyError"),
        ("loop", "KeyError"),
        ("thread", "KeyError"),
        ("worker", "KeyError"),
        ("many", "KeyError"),
    ],
)
def test_it_ends_with_one_sentence_and_no_value(
    place: str, kind: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    log = tmp_path / "folder" / "cockpit.log"
    monkeypatch.setattr(Breaking, "place", place)
    app = Breaking(SmallDesk(), tick_seconds=None, log_file=log)
    with threads_watched(app.broken_in_thread):
        app.run(headless=True, size=(80, 24))
    told = capsys.readouterr()
    assert app.return_code == 1
    assert app.stopped.is_set()
    assert told.out == ""
    assert told.err == (
        f"cockpit: stopped by an unexpected {kind}; details are in {log}. "
        "Orders, stops and journal stand as stored: start again.\n"
    )
    text = log.read_text("utf-8")
    assert SECRET not in text
    assert kind in text
    assert "breaking.py" in text
    assert all(character.isprintable() or character == "\n" for character in text)
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
