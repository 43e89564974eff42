"""`cockpit doctor` says what the terminal and its line can do, as it really is, and changes nothing."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.pseudo_terminal import Terminal

DOCTOR = (sys.executable, "-m", "cockpit.cli", "doctor", "--offline")
PATIENT = (sys.executable, "-m", "tests.e2e.patient", *DOCTOR[3:])
"""The same, for a terminal that answers, however late."""
ROWS = 60
"""What is printed is longer than a usual terminal is high."""


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """Folders of its own, and nothing of the line that the tests themselves run on."""
    folders = {name: str(tmp_path / name.lower()) for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME")}
    path = os.pathsep.join(each for each in sys.path if each)
    return {**folders, "PYTHONPATH": path, "TMUX": "", "STY": "", "SSH_CONNECTION": "", "SSH_TTY": "", "LC_ALL": "C.UTF-8"}


def words(terminal: Terminal) -> str:
    """The screen at the end as one line."""
    assert terminal.exit_code() == 0
    terminal.settle()
    return " ".join(terminal.text.split())


@pytest.mark.terminal
def test_in_a_terminal_it_measures_the_line_and_names_the_driver(env: dict[str, str]) -> None:
    with Terminal(PATIENT, columns=120, rows=ROWS, env=env) as terminal:
        told = words(terminal)
    assert "terminal xterm-256color, 120x60, 16 million colours, over nothing in between" in told
    assert "driver difference: xterm-256color is known" in told
    assert "; repeats" not in told, "the terminal did not say"
    assert re.search(r"line round trip [0-9.]+ ms, paints shown at once", told)
    assert "encoding utf-8, the terminal did not say; bars and arrows are drawn" in told
    assert "suggestion none: nothing here stands in the way" in told
    assert not Path(env["XDG_STATE_HOME"]).exists(), "it makes no folder"


@pytest.mark.terminal
@pytest.mark.parametrize(("column", "shown"), [(2, "the terminal shows it"), (4, "the terminal does not show it")])
def test_it_sees_whether_one_glyph_takes_one_cell(env: dict[str, str], column: int, shown: str) -> None:
    with Terminal(PATIENT, columns=120, rows=ROWS, env=env) as terminal:
        terminal.answers[b"\x1b[6n"] = b"\x1b[1;%dR" % column
        told = words(terminal)
    assert f"encoding utf-8, {shown}" in told
    assert ("PYTHONIOENCODING=ascii" in told) is (column == 4)


@pytest.mark.terminal
@pytest.mark.parametrize(("column", "told"), [(5, "; repeats are proven"), (2, "; it does not repeat")])
def test_it_sees_whether_the_terminal_repeats(env: dict[str, str], column: int, told: str) -> None:
    with Terminal(PATIENT, columns=120, rows=ROWS, env=env) as terminal:
        terminal.answers[b"\x1b[3b\x1b[6n"] = b"\x1b[1;%dR" % column
        assert f"driver difference: xterm-256color is known{told}" in words(terminal)


@pytest.mark.terminal
def test_a_terminal_that_answers_nothing_is_not_waited_for_long(env: dict[str, str]) -> None:
    with Terminal(DOCTOR, columns=80, rows=99, env={**env, "TERM": "vt100", "COLORTERM": ""}) as terminal:
        terminal.answers = {}
        told = words(terminal)
    assert "vt100, 80x99, no colours" in told
    assert "line no answer, paints unknown" in told
    assert "plain characters are drawn" in told


@pytest.mark.terminal
def test_its_json_has_every_fact_by_name(env: dict[str, str]) -> None:
    with Terminal(
        (*PATIENT, "--json"), columns=700, rows=400, env={**env, "TERM": "screen-256color", "COLORTERM": ""}
    ) as terminal:
        assert terminal.exit_code() == 0
        terminal.settle()
        found = json.loads(terminal.text)
    assert found["line"]["terminal"] == "screen-256color"
    assert found["line"]["colours"] == "256"
    assert found["line"]["driver"] == "difference"
    assert (found["line"]["columns"], found["line"]["rows"]) == (700, 400)
    assert found["line"]["answers"]["round_trip_ms"] >= 0
    assert set(found["versions"]) >= {"cockpit", "python", "textual"}


def test_without_a_terminal_it_says_so(env: dict[str, str]) -> None:
    done = subprocess.run(DOCTOR, capture_output=True, text=True, env={**os.environ, **env}, start_new_session=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "there is no terminal here" in done.stdout


@pytest.mark.parametrize("form", [(), ("--json",)])
@pytest.mark.parametrize("store", ["postgresql://me:hunter2@db.example/book", "postgresql://db.example/book?password=hunter2"])
def test_it_names_the_store_without_its_password(store: str, form: tuple[str, ...], env: dict[str, str]) -> None:
    config = Path(env["XDG_CONFIG_HOME"]) / "rotation-cockpit" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(f'schema = 1\nstore = "{store}"\n')
    done = subprocess.run(
        (*DOCTOR, *form), capture_output=True, text=True, env={**os.environ, **env}, start_new_session=True, check=True
    )
    assert "db.example/book" in done.stdout
    assert "hunter2" not in done.stdout + done.stderr


@pytest.mark.terminal
def test_it_counts_the_colours_that_are_painted(env: dict[str, str]) -> None:
    with Terminal(PATIENT, columns=120, rows=ROWS, env={**env, "TEXTUAL_COLOR_SYSTEM": "256"}) as terminal:
        assert "256 colours" in words(terminal)


@pytest.mark.terminal
def test_a_dumb_terminal_gets_one_sentence_and_no_cockpit(env: dict[str, str]) -> None:
    with Terminal(DOCTOR[:3], env={**env, "TERM": "dumb"}) as terminal:
        assert terminal.exit_code() == 2
        terminal.settle()
        assert "cockpit: TERM=dumb says that this terminal cannot place its cursor" in " ".join(terminal.text.split())
