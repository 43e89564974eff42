"""The live market in a real terminal: the main job on paper, a venue that fails meanwhile, and a start without a network."""

from collections.abc import Iterator

import pytest

from tests.desk.driving import check_at_rest
from tests.e2e.playing import Playing, healed
from tests.e2e.walking import NARROW, Home, Walk

pytestmark = pytest.mark.terminal
LIVE = ("--market", "live")


@pytest.fixture(scope="module")
def playing() -> Iterator[Playing]:
    with Playing("--assets", "BTC,ETH,SOL,UNI,AAVE,AVAX,LDO") as running:
        yield running


@pytest.fixture
def market(playing: Playing, home: Home) -> Playing:
    return healed(playing, home)


def begin(cockpit: Walk) -> int:
    """Begin the plan of the rotation; how many steps it has."""
    cockpit.rotation("The path: ")
    cockpit.press_until("enter", "Step 1 of ")
    return int(cockpit.flat.partition("Step 1 of ")[2].split()[0])


def test_the_main_job_on_todays_market(home: Home, market: Playing) -> None:
    with home.open(*LIVE, size=NARROW) as cockpit:
        cockpit.see("Hundred thousand", "PAPER", "LIVE", "DeFi Alpha Hunt", "rev 1")
        steps = begin(cockpit)
        for number in range(1, steps + 1):
            cockpit.confirm(number, steps)
        cockpit.see("Finished")
        cockpit.press_until("escape", "s strategy")
        cockpit.quit()
    assert home.confirmed() == list(range(1, steps + 1))
    desk = home.desk()
    try:
        desk.open_store()
        account = check_at_rest(desk).account("main")
        assert account.positions
        assert all(position.stop_price is not None for position in account.positions)
    finally:
        desk.close()


def test_a_venue_that_fails_is_replaced_and_the_header_says_so(home: Home, market: Playing) -> None:
    with home.open(*LIVE) as cockpit:
        cockpit.see("LIVE", "DeFi Alpha Hunt", "rev 1")
        market.command("fault", host=r"binance\.com", kind="reset")
        cockpit.see("BYBIT FOR BINANCE")
        market.command("heal")
        cockpit.wait_until(lambda: "BYBIT FOR BINANCE" not in cockpit.flat)
        cockpit.quit()


def test_a_start_without_a_network_works_on_what_was_kept_and_plans_nothing(home: Home, market: Playing) -> None:
    with home.open(*LIVE) as cockpit:
        cockpit.see("LIVE", "DeFi Alpha Hunt", "rev 1")
        cockpit.settle(quiet=1.0)
        cockpit.quit()
    market.command("fault", host=".*", kind="reset")
    with home.open(*LIVE) as cockpit:
        cockpit.see("LIVE", "OFFLINE", "NAV ", "B alpha", "OLD")
        cockpit.press_until("r", "nothing can be planned on old quotes")
        cockpit.quit()
    assert home.confirmed() == []
