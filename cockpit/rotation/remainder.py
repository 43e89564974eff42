"""What a plan's orders left of its targets, sized again as the next plan would do it: a plan ends where none would go on."""

from cockpit.model.assets import Sector
from cockpit.model.plan import Skipped
from cockpit.model.strategy import RiskSettings
from cockpit.rotation.asked import RISK
from cockpit.rotation.draft import left_over
from cockpit.rotation.legs import Leg
from cockpit.rotation.markets import Markets
from cockpit.rotation.path import Path
from cockpit.rotation.request import Ask
from cockpit.rotation.sizing import Sizer
from cockpit.rotation.targets import asked_weights, sector_targets

ROUNDS = 8
"""How often what is left is sized again; each round but the last trades something."""


class Remainder:
    """The legs of a plan in the making on `path`, round by round, from those that were sized first."""

    def __init__(self, path: Path, ask: Ask, settings: RiskSettings, markets: Markets, sizer: Sizer) -> None:
        self._path, self._ask, self._settings, self._markets = path, ask, settings, markets
        self._sizer, self._rounds = sizer, 0
        self._rows: dict[Sector, list[Skipped]] = {}

    @property
    def skipped(self) -> list[Skipped]:
        """What the steps do not bring, as the last round that moved each sector has left it."""
        return [row for sector in RISK for row in self._rows.get(sector, [])]

    def legs(self) -> list[Leg]:
        """Legs for sectors that still stand outside their bands; none where the last ones moved nothing."""
        moved = self._note()
        self._rounds += 1
        totals = self._path.totals
        targets = sector_targets(self._ask, asked_weights(self._ask, totals), totals, self._settings)
        if not moved or self._rounds > ROUNDS or not any(row.change for row in targets):
            return []
        path = Path(self._path.to_book(), self._path.market, self._path.universe)
        self._sizer = Sizer(path, self._ask, self._settings, self._markets)
        self._sizer.size(targets)
        if not self._sizer.legs:
            self._note()
        return self._sizer.legs

    def _note(self) -> set[Sector]:
        """Keep what the last legs left of each sector that they moved, or of which nothing is said yet; the moved ones."""
        moved = {leg.sector for leg in self._sizer.legs if leg.quantity < leg.wanted}
        for sector in RISK:
            if sector in moved or not self._rows.get(sector):
                legs = (leg for leg in self._sizer.legs if leg.sector is sector)
                missed = (row for row in self._sizer.skipped if row.asset == sector)
                self._rows[sector] = [*missed, *left_over(legs, self._markets)]
        return moved
