"""A recorded market: a folder of daily tables, read as the world stood at the close of one day.

A recorded day stands still: `now` is 24:00 UTC of it, quotes are the day's closes. The folder has no order books, so spread and
depth around a close are the typical ones of the instruments file. An asset without a close on the day keeps its last one for
a week, with its true age and no depth, so that it can be valued and never traded on; after that it has no quote.
A stablecoin that the folder does not price counts at par, and the snapshot's notes say so.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from cockpit.markets import depth
from cockpit.markets.feed import AtHand
from cockpit.markets.instruments import InstrumentTable, load_instruments
from cockpit.markets.tables import ABOVE_ZERO, INTERVAL, bad, moment, number, read_manifest, read_table, shown
from cockpit.model.assets import Sector, Universe
from cockpit.model.errors import BadInput
from cockpit.model.instruments import QUOTE, Instrument, perp_symbol
from cockpit.model.market import FundingRate, MarketLabel, MarketSnapshot, Quote
from cockpit.model.money import ONE, ZERO
from cockpit.model.text import sanitise

if TYPE_CHECKING:
    from cockpit.signals.history import MarketHistory

KEPT = timedelta(days=7)
"""How long the last close of an asset stands in for a missing one."""
FUNDING_DAYS = 3
PRICES, FUNDING = "prices.csv", "funding.csv"
FUNDING_COLUMNS = ("time", "asset", "rate", "interval_hours")


class _Close(NamedTuple):
    price: Decimal
    day: date


class RecordedFeed(AtHand):
    """One recorded market. With `as_of` the world ends on that day, else with the last row of prices.

    BadInput, in one sentence with file, line and column, where the folder cannot be used or the day lies outside of it.
    """

    label = MarketLabel.RECORDED
    ticks = False

    def __init__(
        self,
        folder: Path,
        *,
        as_of: date | None = None,
        universe: Universe,
        instruments: InstrumentTable | None = None,
    ) -> None:
        if not folder.is_dir():
            raise BadInput(f"{sanitise(str(folder), 300)}: is not a folder; a recorded market is a folder with {PRICES}")
        self._folder = folder
        self._universe = universe
        self._table = instruments or load_instruments()
        manifest = read_manifest(folder)
        self.name = sanitise(manifest.get("name", "")) or sanitise(folder.resolve().name)
        self.origin = sanitise(manifest.get("source", ""), 300)
        self.source = f"recorded {self.name}"
        self.as_of, self._closes, self._columns = self._read_closes(as_of)
        self._funding: dict[str, FundingRate] | None = None

    def now(self) -> datetime:
        """The close of the day: 24:00 UTC."""
        return _close_of(self.as_of)

    def snapshot(self, assets: Iterable[str]) -> MarketSnapshot:
        """The day's closes with typical books, instruments that suit the prices, and the last funding prints."""
        quotes: dict[str, Quote] = {}
        instruments: dict[str, Instrument] = {}
        notes: list[str] = []
        for asset in dict.fromkeys(assets):
            close = None if asset == QUOTE else self._close(asset)
            if close is None:
                continue
            sector = self._universe.sector(asset)
            listed = self._table.instruments(asset, sector, close.price)
            instruments |= listed
            at = _close_of(close.day)
            shape = self._table.shape(asset, sector)
            for symbol, instrument in listed.items():
                if close.day == self.as_of:
                    quotes[symbol] = depth.quote(instrument, close.price, shape, at)
                else:
                    quotes[symbol] = Quote(symbol=symbol, mark=close.price, bid=close.price, ask=close.price, at=at)
            if close.day != self.as_of:
                notes.append(f"{asset} has no close on {self.as_of}: valued at that of {close.day}, not tradable")
            elif asset not in self._columns:
                notes.append(f"{asset} is not in {PRICES}: valued at par")
        funding = {symbol: rate for symbol, rate in self._rates().items() if symbol in quotes}
        return MarketSnapshot(
            source=self.source,
            label=self.label,
            as_of=self.now(),
            quotes=quotes,
            instruments=instruments,
            funding=funding,
            notes=tuple(notes),
        )

    def history(self) -> MarketHistory:
        """Every table up to the day; of the rows after it nothing is read but their dates."""
        from cockpit.markets.recorded_history import read_history

        return read_history(self._folder, self.name, self.origin or self.source, self.as_of)

    def _close(self, asset: str) -> _Close | None:
        known = self._closes.get(asset)
        if known is None and asset not in self._columns and self._universe.sector(asset) is Sector.STABLE:
            return _Close(ONE, self.as_of)
        return known

    def _read_closes(self, as_of: date | None) -> tuple[date, dict[str, _Close], frozenset[str]]:
        table = read_table(self._folder / PRICES, assets=True)
        days = table.days()
        if not days:
            raise bad(table.path, "has no row; a market needs at least one day of prices")
        day = as_of or days[-1]
        if not days[0] <= day <= days[-1]:
            raise BadInput(f"--as-of {day}: {self.name} runs from {days[0]} to {days[-1]}")
        closes: dict[str, _Close] = {}
        for row, on in zip(table.rows, days, strict=True):
            if not day - KEPT <= on <= day:
                continue
            for column, cell in zip(table.columns[1:], table.cells(row)[1:], strict=True):
                if cell:
                    number(table, row, column, cell, ABOVE_ZERO)
                    closes[column] = _Close(Decimal(cell), on)
        return day, closes, frozenset(table.columns)

    def _rates(self) -> dict[str, FundingRate]:
        """The funding of every asset with a print on the last three days."""
        if self._funding is None:
            self._funding = self._read_rates() if (self._folder / FUNDING).exists() else {}
        return self._funding

    def _read_rates(self) -> dict[str, FundingRate]:
        table = read_table(self._folder / FUNDING, FUNDING_COLUMNS)
        wanted = {(self.as_of - timedelta(days=back)).isoformat() for back in range(FUNDING_DAYS)}
        places = [table.columns.index(name) for name in FUNDING_COLUMNS]
        prints: dict[str, dict[datetime, tuple[Decimal, Decimal]]] = {}
        for row in table.rows:
            if row.first[:10] not in wanted:
                continue
            when, asset, rate, hours = (table.cells(row)[place] for place in places)
            at = moment(table, row, when)
            number(table, row, "rate", rate)
            number(table, row, "interval_hours", hours, INTERVAL)
            of_asset = prints.setdefault(asset, {})
            if at in of_asset:
                raise bad(table.path, f"line {row.number}: the print of {shown(asset)} at {when} is there twice")
            of_asset[at] = (Decimal(rate), Decimal(hours))
        return {perp_symbol(asset): self._rate(asset, of_asset) for asset, of_asset in prints.items()}

    def _rate(self, asset: str, prints: dict[datetime, tuple[Decimal, Decimal]]) -> FundingRate:
        last = max(prints)
        rate, hours = prints[last]
        covered = sum((span for _, span in prints.values()), ZERO)
        interval = timedelta(hours=float(hours))
        return FundingRate(
            symbol=perp_symbol(asset),
            rate=rate,
            interval_hours=hours,
            next_at=last + ((self.now() - last) // interval + 1) * interval,
            mean_3d=round(8 * sum((paid for paid, _ in prints.values()), ZERO) / covered, 12),
        )


def _close_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(), UTC)
