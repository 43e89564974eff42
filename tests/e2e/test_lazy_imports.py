"""What each moment of a start may have imported, seen in a fresh interpreter."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = ("textual", "pandas", "numpy", "ccxt", "sqlalchemy", "plotext")


def modules_after(code: str) -> set[str]:
    script = f"{code}\nimport json, sys\nprint('\\n' + json.dumps(sorted(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    return set(json.loads(done.stdout.splitlines()[-1]))


def test_help_loads_nothing_heavy() -> None:
    loaded = modules_after(
        "from click.testing import CliRunner\nfrom cockpit.cli import main\n"
        "result = CliRunner().invoke(main, ['--help'])\nassert result.exit_code == 0, result.output"
    )
    assert not loaded & set(HEAVY)


def test_the_desk_shows_positions_without_pandas_sqlalchemy_or_textual() -> None:
    loaded = modules_after(
        "from cockpit.desk import Desk, DeskOptions\n"
        "picture = Desk(DeskOptions()).open_book()\n"
        "assert picture.exposure is not None and picture.exposure.nav == 100000"
    )
    assert not loaded & {"textual", "pandas", "numpy", "ccxt", "sqlalchemy", "plotext"}


@pytest.mark.parametrize("room", ["model", "files.portfolio", "markets.open", "rotation.planner"])
def test_light_rooms_stay_light(room: str) -> None:
    assert not modules_after(f"import cockpit.{room}") & set(HEAVY)


@pytest.mark.parametrize(
    ("args", "heavy"),
    [
        (["plan", "--strategy", "B"], {"textual", "pandas", "numpy", "ccxt", "sqlalchemy", "plotext"}),
        (["init", "book.toml"], {"textual", "pandas", "numpy", "ccxt", "sqlalchemy", "plotext"}),
        (["check", "book.toml"], {"textual", "pandas", "numpy", "ccxt", "sqlalchemy", "plotext"}),
        (["journal"], {"textual", "pandas", "numpy", "ccxt", "plotext"}),
        (["phase"], {"textual", "ccxt", "sqlalchemy", "plotext"}),
        (["signals"], {"textual", "ccxt", "sqlalchemy", "plotext"}),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_a_verb_loads_only_what_it_needs(args: list[str], heavy: set[str], tmp_path: Path) -> None:
    loaded = modules_after(
        f"import os\nos.environ['XDG_STATE_HOME'] = os.environ['XDG_CONFIG_HOME'] = {str(tmp_path)!r}\n"
        "from click.testing import CliRunner\nfrom cockpit.cli import main\n"
        f"os.chdir({str(tmp_path)!r})\nCliRunner().invoke(main, {args!r})"
    )
    assert "cockpit.cli" in loaded
    assert not loaded & heavy
