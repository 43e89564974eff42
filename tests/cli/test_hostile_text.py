"""Nothing that a file or a flag brings in can steer a terminal: the bytes of every verb are visible text."""

import unicodedata
from pathlib import Path

import pytest

from cockpit.model.text import is_safe
from tests.cli.running import SAMPLES, Cockpit

HOSTILE = "Evil [/] \x1b[31mred\x1b[0m \x1b]0;title\x07 \u202egnp.exe\u202c \u200bzero\ufeff \x9b2J"
HOLDING = """schema = 1
name = {name}
[[account]]
id = "main"
venue = "paper"
spot = {{ USDT = "35000", ETH = "10", UNI = "1250", AAVE = "50" }}
futures_wallet = "0"
[prices]
ETH = "4000"
UNI = "10"
AAVE = "250"
"""


def toml_string(text: str) -> str:
    return '"' + "".join(c if c.isascii() and c.isprintable() else f"\\U{ord(c):08X}" for c in text) + '"'


def harmless(output: bytes) -> None:
    """Lines of visible characters, spaces and line ends."""
    text = output.decode("utf-8")
    for character in text:
        category = unicodedata.category(character)
        assert character == "\n" or category not in ("Cc", "Cf", "Cs", "Co", "Zl", "Zp"), f"{character!r} in {text!r}"


@pytest.fixture
def portfolio(cockpit: Cockpit) -> Path:
    return cockpit.portfolio(HOLDING.format(name=toml_string(HOSTILE)), "hostile.toml")


def test_a_hostile_portfolio_name_reaches_no_terminal(cockpit: Cockpit, portfolio: Path) -> None:
    flags = ("--portfolio", str(portfolio))
    code, out, err = cockpit.process("plan", *flags, "--strategy", "B", "--preset", "reconciled", "--out", "plan.toml")
    assert code == 0, err
    assert b"Evil [/] red" in out
    harmless(out + err)
    for args in (("show", "plan.toml"), ("show", "plan.toml", "--json")):
        code, out, err = cockpit.process(*args)
        assert code == 0, err
        harmless(out + err)
    code, out, err = cockpit.process("apply", "plan.toml", *flags, answers=b"yes\nyes\n\x1b[31m\n")
    assert code == 1
    harmless(out + err)
    for more in ((), ("--json",)):
        code, out, err = cockpit.process("journal", *more)
        assert code == 0, err
        assert b"Evil" in out
        harmless(out + err)


def test_the_unmapped_sample_is_planned_and_shown(cockpit: Cockpit) -> None:
    code, out, err = cockpit.process("plan", "--portfolio", SAMPLES["unmapped"], "--strategy", "B")
    assert code == 0
    assert b"Unmapped [/] & co" in out
    harmless(out + err)
    plan = cockpit("plan", "--portfolio", SAMPLES["unmapped"], "--strategy", "B", "--json").json
    traded = {step.get("asset") for step in plan["step"]}
    assert traded & {"WIF", "NAN", "NULL", "1000SATS", "LDO", "BTC"} == set()
    assert {"UNCLASSIFIED", "EXCLUDED", "BENCHMARK"} <= set(plan["start"]["sectors"])


@pytest.mark.parametrize(
    "args",
    [
        ("plan", "--strategy", HOSTILE),
        ("plan", "--mode", HOSTILE),
        ("plan", "--portfolio", HOSTILE),
        ("plan", "--preset", HOSTILE, "--strategy", "B"),
        ("phase", "--market", HOSTILE),
        ("phase", "--market", f"recorded:{HOSTILE}"),
        ("phase", "--as-of", HOSTILE),
        ("phase", "--score", HOSTILE),
        ("plan", "--leverage", HOSTILE),
        ("show", HOSTILE),
        ("journal", "--store", HOSTILE),
        (HOSTILE,),
        (f"--{HOSTILE}",),
    ],
    ids=lambda args: " ".join(args[:-1]) or args[0][:2],
)
def test_a_hostile_flag_is_told_as_text(args: tuple[str, ...], cockpit: Cockpit) -> None:
    ended = cockpit(*args)
    assert ended.code == 2
    assert ended.out == ""
    assert all(is_safe(line) for line in ended.err.splitlines())
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize("asset", ["E[/]", "E\x1b[31m", "E\u202eT", "E\u200bT", "ETH/USDT", "", "E" * 40])
def test_a_hostile_asset_is_refused_and_its_name_is_told_as_text(asset: str, cockpit: Cockpit) -> None:
    text = HOLDING.format(name='"x"').replace("UNI = ", f"{toml_string(asset)} = ")
    ended = cockpit("plan", "--portfolio", cockpit.portfolio(text), "--strategy", "B")
    assert ended.code == 2
    assert is_safe(ended.err.rstrip("\n"))
    assert "portfolio.toml" in ended.err


def test_a_markets_own_names_are_told_as_text(cockpit: Cockpit) -> None:
    market = cockpit.market(prices="date,BTC,ETH,UNI\n2021-08-19,45000,3000,27\n2021-08-20,46000,3100,28\n")
    manifest = Path(market.removeprefix("recorded:")) / "manifest.toml"
    manifest.write_text(f"name = {toml_string(HOSTILE)}\nsource = {toml_string(HOSTILE)}\n", "utf-8")
    for args in (("phase",), ("phase", "--json"), ("signals",), ("signals", "--json")):
        ended = cockpit(*args, "--market", market)
        assert ended.code == 0, ended.err
        harmless((ended.out + ended.err).encode())
