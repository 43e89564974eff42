"""A tick paints the cells that it changes and no others, on every view."""

from datetime import timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace
from textual._compositor import Compositor

from cockpit.model.exposure import expose
from cockpit.model.picture import Picture
from cockpit.ui.actions import VIEWS
from tests.ui import worked_example as example
from tests.ui.driving import WIDE, cockpit, press, quiet
from tests.ui.small_desk import SmallDesk

SCREEN = WIDE[0] * WIDE[1]


class OnePrice(SmallDesk):
    """The small desk on a market of which one price moves, and the others are looked at again."""

    def tick(self, asset: str = "", by: str = "1.0001") -> Picture:
        quotes = {
            symbol: replace(quote, mark=quote.mark * Decimal(by)) if asset and symbol.startswith(f"{asset}/") else replace(quote)
            for symbol, quote in self.market.quotes.items()
        }
        self.market = replace(self.market, quotes=quotes)
        return self.change(
            market=self.market,
            now=self.picture.now + timedelta(milliseconds=100),
            exposure=expose(self.held, self.market, example.UNIVERSE),
            positions=example.position_lines(self.held, self.market),
        )


@pytest.fixture
def painted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many cells each paint covered."""
    cells: list[int] = []
    update = Compositor.render_update

    def counted(self: Compositor, full: bool = False, screen_stack: object = None, simplify: bool = False) -> object:
        whole = full or self.size.region in self._dirty_regions
        cells.append(SCREEN if whole else sum(region.area for region in self._dirty_regions))
        return update(self, full=full, screen_stack=screen_stack, simplify=simplify)  # type: ignore[arg-type]

    monkeypatch.setattr(Compositor, "render_update", counted)
    return cells


@pytest.mark.parametrize("view", range(1, len(VIEWS) + 1), ids=list(VIEWS))
async def test_a_tick_that_changes_no_number_paints_nothing(view: int, painted: list[int]) -> None:
    desk = OnePrice()
    async with cockpit(desk) as (_, pilot):
        await press(pilot, str(view))
        desk.tick()
        await quiet(pilot)
        painted.clear()
        for _ in range(3):
            desk.tick()
            await quiet(pilot)
        assert sum(painted) == 0


@pytest.mark.parametrize("view", range(1, len(VIEWS) + 1), ids=list(VIEWS))
async def test_a_price_that_moves_paints_the_numbers_that_follow_from_it(view: int, painted: list[int]) -> None:
    desk = OnePrice()
    async with cockpit(desk) as (_, pilot):
        await press(pilot, str(view))
        desk.tick("UNI")
        await quiet(pilot)
        painted.clear()
        before = desk.picture.exposure
        desk.tick("UNI", "1.001")
        await quiet(pilot)
        assert before != desk.picture.exposure
        assert 0 < sum(painted) < SCREEN // 10, painted
