"""Books that a trader may bring: what happens to them at the opening, and how the desk tells it."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest

from cockpit.desk import Desk
from cockpit.model.errors import MarketUnavailable
from cockpit.model.picture import Picture
from tests.desk.driving import PATIENCE, desk_on

HEAD = 'schema = 1\nname = "Odd"\n'


def account(spot: str = 'USDT = "20000"', wallet: str = "6000", positions: str = "") -> str:
    return f'[[account]]\nid = "main"\nvenue = "paper"\nspot = {{ {spot} }}\nfutures_wallet = "{wallet}"\n{positions}'


def position(asset: str, side: str, quantity: str, entry: str, stop: str) -> str:
    sizes = f'quantity = "{quantity}"\nentry_price = "{entry}"\nleverage = "2"\nstop_price = "{stop}"\n'
    return f'[[account.position]]\nsymbol = "{asset}/USDT:USDT"\nside = "{side}"\n{sizes}'


def opened(folder: Path, text: str) -> Desk:
    path = folder / "odd.toml"
    path.write_text(HEAD + text, encoding="utf-8")
    desk = desk_on(path, folder)
    desk.open_store()
    return desk


def waited_for(desk: Desk, seen: Callable[[Picture], bool]) -> Picture:
    """The first picture of which it is true; the executor works in a thread of its own."""
    for _ in range(int(PATIENCE / 0.02)):
        if seen(picture := desk.tick()):
            return picture
        time.sleep(0.02)
    raise AssertionError("it did not happen")


def unasked(picture: Picture) -> list[str]:
    """What the venue did by itself since the opening."""
    return [row.message for row in picture.journal if row.unasked and row.seq > picture.opened_seq]


def test_a_liquidation_and_a_stop_at_the_opening_are_news_and_no_news_at_the_next(tmp_path: Path) -> None:
    """ETH stands near 3,900 and SOL near 190 in the simulated market: a 2x short from 1,500 is gone, a stop at 168 fires."""
    text = account(
        positions=position("ETH", "short", "1", "1500", "1700") + position("SOL", "short", "10", "150", "168"), wallet="6000"
    )
    desk = opened(tmp_path, text)
    try:
        told = unasked(waited_for(desk, lambda picture: not picture.positions and len(unasked(picture)) == 2))
    finally:
        desk.close()
    assert any("short 1 ETH liquidated" in message for message in told)
    assert any("stop at 168 closed 10 SOL" in message for message in told)
    again = opened(tmp_path, text)
    try:
        picture = again.tick()
        assert picture.positions == ()
        assert len([row for row in picture.journal if row.unasked]) == 2
        assert unasked(picture) == []
    finally:
        again.close()


def test_every_asset_without_a_price_is_named_at_once_with_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "odd.toml"
    held = account('USDT = "100", ZZA = "1", ZZB = "2"')
    path.write_text(HEAD + held + '[exclude]\nassets = ["ZZB"]\n', encoding="utf-8")
    desk = desk_on(path, tmp_path)
    with pytest.raises(MarketUnavailable, match="has no price of ZZA, ZZB: pin one under"):
        desk.open_book()
    path.write_text(HEAD + held + '[prices]\nZZA = "1"\nZZB = "0.5"\n', encoding="utf-8")
    exposure = desk_on(path, tmp_path).open_book().exposure
    assert exposure is not None
    assert exposure.nav == 6102


def test_a_perpetual_without_a_quote_says_what_to_do(tmp_path: Path) -> None:
    path = tmp_path / "odd.toml"
    path.write_text(HEAD + account(positions=position("ZZA", "long", "10", "10", "9")), encoding="utf-8")
    with pytest.raises(MarketUnavailable, match=r"ZZA.*: pin one under \[prices\]"):
        desk_on(path, tmp_path).open_book()
