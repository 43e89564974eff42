"""The tables of a recorded market as a market history, cut at the day on which its world ends."""

from datetime import date, datetime, timedelta
from pathlib import Path

import pandas as pd

from cockpit.markets.tables import (
    ABOVE_ZERO,
    ANY,
    INTERVAL,
    NOT_NEGATIVE,
    Bound,
    bad,
    moment,
    number,
    numbers,
    read_manifest,
    read_table,
    shown,
)
from cockpit.model.market import MarketLabel
from cockpit.model.text import sanitise
from cockpit.signals.history import FUNDING_COLUMNS, TVL_LAG, MarketHistory, no_days, no_prints


def read_history(folder: Path, name: str, source: str, as_of: date) -> MarketHistory:
    """Everything that was known at the close of `as_of`; a missing file leaves its table empty.

    TVL includes the snapshot of `as_of` + 1, 00:00 UTC, which is that very moment; funding ends with the prints stamped `as_of`.
    """
    return MarketHistory(
        name=name,
        source=source,
        label=MarketLabel.RECORDED,
        prices=_daily(folder / "prices.csv", as_of, ABOVE_ZERO, assets=True),
        market_caps=_optional(folder / "market_caps.csv", as_of, NOT_NEGATIVE),
        tvl=_optional(folder / "tvl.csv", as_of + TVL_LAG, NOT_NEGATIVE),
        tvl_units=_units(folder / "tvl_units.csv", as_of + TVL_LAG),
        fees=_optional(folder / "fees.csv", as_of),
        activity=_optional(folder / "activity.csv", as_of),
        sentiment=_optional(folder / "sentiment.csv", as_of),
        funding=_prints(folder / "funding.csv", as_of),
        sources={table: sanitise(words, 120) for table, words in read_manifest(folder).get("sources", {}).items()},
    )


def _daily(path: Path, until: date, bound: Bound = ANY, *, assets: bool = False) -> pd.DataFrame:
    table = read_table(path, assets=assets)
    days, values = [], []
    for day, row in numbers(table, bound, until):
        days.append(day)
        values.append(row)
    index = pd.DatetimeIndex(pd.to_datetime(days), tz="UTC")
    return pd.DataFrame(values, index=index, columns=list(table.columns[1:]), dtype="float64")


def _optional(path: Path, until: date, bound: Bound = ANY) -> pd.DataFrame:
    return _daily(path, until, bound) if path.exists() else no_days()


def _units(path: Path, until: date) -> pd.DataFrame | None:
    return _daily(path, until, NOT_NEGATIVE) if path.exists() else None


def _prints(path: Path, until: date) -> pd.DataFrame:
    """The funding prints stamped up to `until`, in the order of time."""
    if not path.exists():
        return no_prints()
    table = read_table(path, FUNDING_COLUMNS)
    places = [table.columns.index(column) for column in FUNDING_COLUMNS]
    end = (until + timedelta(days=1)).isoformat()
    seen: set[tuple[datetime, str]] = set()
    columns: tuple[list[datetime], list[str], list[float], list[float]] = ([], [], [], [])
    for row in table.rows:
        if row.first >= end:
            continue
        cells = table.cells(row)
        when, asset, rate, hours = (cells[place] for place in places)
        at = moment(table, row, when)
        if (at, asset) in seen:
            raise bad(table.path, f"line {row.number}: the print of {shown(asset)} at {shown(when)} is there twice")
        seen.add((at, asset))
        columns[0].append(at)
        columns[1].append(asset)
        columns[2].append(number(table, row, "rate", rate))
        columns[3].append(number(table, row, "interval_hours", hours, INTERVAL))
    if not columns[0]:
        return no_prints()
    frame = pd.DataFrame(dict(zip(FUNDING_COLUMNS, columns, strict=True)))
    frame["time"] = pd.to_datetime(frame["time"], utc=True)
    return frame.sort_values("time", kind="stable", ignore_index=True)
