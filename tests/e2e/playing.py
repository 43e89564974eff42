"""A loopback market in a process of its own, as far from the cockpit's as a real one is, and commands to it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, Self
from urllib.request import Request, urlopen

from tests.e2e.walking import Home
from tests.pseudo_terminal import PATIENCE

ROOT = Path(__file__).resolve().parents[2]


class Playing:
    """The market, from `with` to its end; `gateway` is its address."""

    def __init__(self, *flags: str) -> None:
        self._flags = flags

    def __enter__(self) -> Self:
        env = {**os.environ, "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, sys.path)])}
        command = [sys.executable, "-m", "tests.loopback", "--port", "0", *self._flags]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=env, cwd=ROOT, text=True)
        assert self._process.stdout is not None
        self.gateway = self._process.stdout.readline().strip()
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.communicate(timeout=PATIENCE)

    def command(self, name: str, **given: Any) -> dict[str, Any]:
        """What `tests.loopback.control` does."""
        request = Request(f"{self.gateway}/control/{name}", json.dumps(given).encode(), {"Content-Type": "application/json"})
        with urlopen(request, timeout=PATIENCE) as answer:
            return dict(json.load(answer))

    def config(self, folder: Path, *more: str) -> None:
        """Write a config file under `folder` by which a cockpit asks this market."""
        path = folder / "rotation-cockpit" / "config.toml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("\n".join([*more, "[live]", f'gateway = "{self.gateway}"', 'venues = ["binance", "bybit"]', ""]))


def healed(playing: Playing, home: Home) -> Playing:
    """The market without the faults of the test before, asked by the cockpits of `home`."""
    playing.command("heal")
    playing.config(Path(home.env["XDG_CONFIG_HOME"]))
    return playing
