"""The installed wheel is whole: it opens in a real terminal from an environment that holds nothing else."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.pseudo_terminal import Terminal

pytestmark = [pytest.mark.terminal, pytest.mark.timeout(900)]
"""An environment is made and filled first, from the network."""


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of executables of an empty environment into which the wheel was installed."""
    folder = tmp_path_factory.mktemp("wheel")
    pip = [sys.executable, "-m", "pip"]
    if subprocess.run([*pip, "--version"], capture_output=True, check=False).returncode:
        pytest.skip("needs pip")
    built = subprocess.run(
        [*pip, "wheel", "-q", "--no-deps", "-w", str(folder), str(ROOT)], capture_output=True, text=True, check=False
    )
    if built.returncode:
        pytest.skip(f"needs a package index to build a wheel: {built.stderr[-300:]}")
    subprocess.run([sys.executable, "-m", "venv", str(folder / "env")], check=True)
    wheel = next(folder.glob("*.whl"))
    # Compiled is what is imported, not everything that is installed.
    subprocess.run([str(folder / "env/bin/pip"), "install", "-q", "--no-compile", str(wheel)], check=True, capture_output=True)
    return folder / "env" / "bin"


def environment(tmp_path: Path) -> dict[str, str]:
    return {name: str(tmp_path / name.lower()) for name in ("HOME", "XDG_STATE_HOME", "XDG_CONFIG_HOME")} | {"PYTHONPATH": ""}


def test_the_wheel_opens_the_cockpit_plans_on_the_command_line_and_holds_its_files(installed: Path, tmp_path: Path) -> None:
    """One test, so that workers which share the tests install the wheel once."""
    env = environment(tmp_path)
    with Terminal([str(installed / "cockpit")], env=env) as terminal:
        terminal.wait_for("SIMULATED")
        terminal.wait_for("AAVE")
        terminal.wait_for("DeFi Alpha Hunt")
        terminal.press("q")
        assert terminal.exit_code() == 0

    command = [str(installed / "cockpit"), "plan", "--strategy", "B", "--preset", "reconciled"]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=installed, env={**os.environ, **env})
    assert "SELL SHORT 2.5 ETH @ 4,000.00, stop 4,480.00" in done.stdout
    assert "17,482.50" in done.stdout

    code = "from cockpit.files.shipped import *; print(len(sample_portfolios()), len(list(shipped_themes().glob('*.toml'))))"
    done = subprocess.run([str(installed / "python"), "-c", code], capture_output=True, text=True, check=True, cwd=installed)
    samples, themes = map(int, done.stdout.split())
    assert samples >= 6
    assert themes >= 3
