"""The user's locale changes neither a screen nor a file."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted((ROOT / "cockpit").rglob("*.py")):
        yield path, ast.parse(path.read_text("utf-8"))


def specs(tree: ast.Module) -> Iterator[str]:
    """The format specifications of f-strings, and what strftime and format are called with."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FormattedValue) and isinstance(node.format_spec, ast.JoinedStr):
            yield from (str(part.value) for part in node.format_spec.values if isinstance(part, ast.Constant))
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in ("strftime", "format", "strptime"):
                yield from (arg.value for arg in node.args if isinstance(arg, ast.Constant) and isinstance(arg.value, str))


OF_THE_LOCALE = re.compile(r"%[-_0^#EO]*[aAbBcpxXrhZ]|(?:^|[\d,+_<>^=])n$")
"""Names of days and months, local dates and times, and Python's number type "n"."""


def test_no_format_depends_on_the_locale() -> None:
    found = [(path.name, spec) for path, tree in sources() for spec in specs(tree) if OF_THE_LOCALE.search(spec)]
    assert found == []


def test_nothing_reads_or_sets_the_locale() -> None:
    users = [
        path.name
        for path, tree in sources()
        for node in ast.walk(tree)
        if (isinstance(node, ast.Import) and any(name.name == "locale" for name in node.names))
        or (isinstance(node, ast.ImportFrom) and node.module == "locale")
    ]
    assert users == []


SHOWN = """
import sys
from datetime import date, datetime, timezone
from decimal import Decimal
from cockpit.cli import main
from cockpit.files.toml import render
from cockpit.model import format as fmt
midnight = datetime(2021, 10, 12, tzinfo=timezone.utc)
print(fmt.amount(Decimal("-1234567.891")), fmt.percent(0.1234), fmt.number(1234.5), fmt.score(-0.5))
print(fmt.day(midnight.date()), fmt.moment(midnight))
print(render({"price": Decimal("1234.5"), "at": midnight}))
main(sys.argv[1:])
"""
IN_GERMAN = """
import locale
from datetime import date
locale.setlocale(locale.LC_ALL, "")
assert f"{1234.5:n}" == "1.234,5" and f"{date(2021, 10, 12):%b}" == "Okt"
"""
PLAN = (
    "plan",
    "--strategy",
    "B",
    "--preset",
    "reconciled",
    "--portfolio",
    str(ROOT / "sample_portfolios" / "hundred_thousand.toml"),
)
OF_THE_MOMENT = re.compile(r"^plan [0-9a-f]{12}|written to|^id = |created_at|as_of| UTC")


@pytest.fixture
def german(tmp_path: Path) -> dict[str, str]:
    """The variables of a German user; the locale is made for the test where the system has its source."""
    build = shutil.which("localedef")
    if build is None or not Path("/usr/share/i18n/locales/de_DE").exists():
        pytest.skip("needs localedef and the source of the locale de_DE")
    folder = tmp_path / "locales"
    folder.mkdir()
    subprocess.run(
        [build, "-i", "de_DE", "-f", "UTF-8", str(folder / "de_DE.UTF-8")], check=False, capture_output=True, timeout=60
    )
    if not (folder / "de_DE.UTF-8" / "LC_NUMERIC").exists():
        pytest.skip("localedef made no locale")
    return {"LOCPATH": str(folder), "LC_ALL": "de_DE.UTF-8"}


def test_a_german_user_reads_and_writes_the_same_digits(german: dict[str, str], tmp_path: Path) -> None:
    def run(code: str, out: str, variables: dict[str, str]) -> list[str]:
        """What is printed and then what is in the file, without what follows the clock."""
        homes = {f"XDG_{name}_HOME": str(tmp_path / out / name) for name in ("CONFIG", "STATE", "DATA", "CACHE")}
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("LC_")}
        done = subprocess.run(
            [sys.executable, "-c", code, *PLAN, "--out", out],
            env={**inherited, **homes, "LANG": "C.UTF-8", "PYTHONPATH": str(ROOT), **variables},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        rows = [*done.stdout.splitlines(), *(tmp_path / out).read_text("utf-8").splitlines()]
        return [row for row in rows if not OF_THE_MOMENT.search(row)]

    shown = run(IN_GERMAN + SHOWN, "german.toml", german)
    assert shown[:2] == ["−1,234,567.89 12.3 % 1,234 −0.50", "12 Oct 2021-10-12 00:00:00"]
    assert shown == run(SHOWN, "plain.toml", {})
