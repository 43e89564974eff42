"""Whoever leaves the live market is let go at once, whatever hangs there: a venue, the history, an account."""

import os
import signal
from collections.abc import Iterator

import pytest

from tests.e2e.playing import Playing, healed
from tests.e2e.walking import COCKPIT, NARROW, Home, Walk

pytestmark = pytest.mark.terminal
LEFT = b"\x1b[?1049l"


@pytest.fixture(scope="module")
def playing() -> Iterator[Playing]:
    with Playing("--assets", "BTC,ETH,UNI,AAVE") as running:
        yield running


@pytest.fixture
def market(playing: Playing, home: Home) -> Playing:
    return healed(playing, home)


def check_silence(cockpit: Walk) -> None:
    """Nothing is told on the terminal that was given back: no session that was not closed, no traceback."""
    cockpit.settle()
    cockpit.check_restored()
    after = bytes(cockpit.raw.rpartition(LEFT)[2])
    for word in (b"Traceback", b"nclosed", b"close()", b"Exception"):
        assert word not in after


@pytest.mark.parametrize("kind", ["timeout", "slow"])
@pytest.mark.parametrize("way", ["q", "SIGTERM"])
def test_while_every_source_hangs(kind: str, way: str, home: Home, market: Playing) -> None:
    """The book waits for its first quotes then, and the signals for their history: both for longer than a test waits."""
    market.command("fault", host=".*", kind=kind, seconds=3600, pieces=2)
    with Walk(home, (*COCKPIT, "--market", "live"), NARROW) as cockpit:
        cockpit.see("asking Binance")
        if way == "q":
            cockpit.press("q")
            assert cockpit.exit_code() == 0
        else:
            os.kill(cockpit.pid, signal.SIGTERM)
            assert cockpit.exit_code() == 143
        check_silence(cockpit)


def test_a_terminal_that_vanishes_while_every_source_hangs(home: Home, market: Playing) -> None:
    market.command("fault", host=".*", kind="timeout")
    with Walk(home, (*COCKPIT, "--market", "live"), NARROW) as cockpit:
        cockpit.see("asking Binance")
        cockpit.vanish()
        assert cockpit.exit_code() == 129


@pytest.mark.parametrize("painted", [500, 2000])
def test_while_the_network_begins(painted: int, home: Home, market: Playing) -> None:
    """Whatever is imported, listed or collected at that moment."""
    with Walk(home, (*COCKPIT, "--market", "live"), NARROW) as cockpit:
        cockpit.wait_until(lambda: len(cockpit.raw) >= painted)
        os.kill(cockpit.pid, signal.SIGTERM)
        assert cockpit.exit_code() == 143
        check_silence(cockpit)


def test_what_was_said_last_is_kept_though_the_venues_hang_at_the_end(home: Home, market: Playing) -> None:
    with Walk(home, (*COCKPIT, "--market", "live"), NARROW) as cockpit:
        cockpit.see("LIVE", "rev 1", "NAV ")
        market.command("fault", host=".*", kind="timeout")
        cockpit.press("q")
        assert cockpit.exit_code() == 0
        check_silence(cockpit)
    assert list(home.folder.rglob("last.json"))
