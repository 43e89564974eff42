"""Runs the command line as a program runs it: as a process, or in this one with the same entry point."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from click.testing import CliRunner

from cockpit.cli import main
from cockpit.files.shipped import sample_portfolios

SAMPLES = {path.stem: str(path) for path in sample_portfolios()}
WORKED = ("plan", "--portfolio", SAMPLES["hundred_thousand"], "--strategy", "B", "--preset", "reconciled")


class Outcome(NamedTuple):
    """What a run left: its exit code and everything it printed."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The printed JSON."""
        return json.loads(self.out)


class Cockpit:
    """The command line in folders of its own."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder = folder
        self.variables = {name: str(folder / name.lower()) for name in ("XDG_STATE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")}
        for name, value in self.variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(folder)

    def __call__(self, *args: str | Path, answers: str = "") -> Outcome:
        """Run it in this process, with `answers` on its standard input."""
        ended = CliRunner().invoke(main, [str(arg) for arg in args], input=answers, prog_name="cockpit")
        if ended.exception is not None and not isinstance(ended.exception, SystemExit):
            raise ended.exception
        return Outcome(ended.exit_code, ended.stdout, ended.stderr)

    def process(self, *args: str | Path, answers: bytes = b"") -> tuple[int, bytes, bytes]:
        """Run it as a process of its own: exit code and the bytes of both streams."""
        command = [sys.executable, "-m", "cockpit.cli", *map(str, args)]
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        done = subprocess.run(command, input=answers, capture_output=True, check=False, env=environment, timeout=120)
        return done.returncode, done.stdout, done.stderr

    @property
    def left_behind(self) -> list[str]:
        """What lies in the cockpit's own folders."""
        return sorted(str(path) for value in self.variables.values() for path in Path(value).rglob("*") if path.exists()) + [
            value for value in self.variables.values() if Path(value).exists()
        ]

    def portfolio(self, text: str, name: str = "portfolio.toml") -> Path:
        """A portfolio file."""
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def market(self, name: str = "market", **files: str) -> str:
        """A recorded market of `name = text` files, as the flag's value."""
        folder = self.folder / name
        folder.mkdir(exist_ok=True)
        for stem, text in files.items():
            (folder / f"{stem}.csv").write_text(text, encoding="utf-8")
        return f"recorded:{folder}"

    def worked_plan(self, name: str = "plan.toml") -> Path:
        """The worked example's plan, written by the cockpit."""
        assert self(*WORKED, "--out", name).code == 0
        return self.folder / name


def refused(ended: Outcome, code: int) -> str:
    """The one sentence of a run that failed with `code` and printed nothing else."""
    assert ended.code == code, (ended.code, ended.out, ended.err)
    assert ended.out == ""
    (sentence,) = ended.err.splitlines()
    assert sentence.startswith("cockpit: ")
    assert "Traceback" not in sentence
    return sentence
