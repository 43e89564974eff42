"""What was known of the market, day by day: the daily tables that every indicator is computed from."""

from dataclasses import dataclass, field, replace
from datetime import date, timedelta

import pandas as pd

from cockpit.model.errors import BadInput
from cockpit.model.market import MarketLabel

DAILY = ("prices", "market_caps", "tvl", "tvl_units", "fees", "activity", "sentiment")
FUNDING_COLUMNS = ("time", "asset", "rate", "interval_hours")
TVL_LAG = timedelta(days=1)
"""A TVL stamp D is the 00:00 UTC snapshot of D, so it belongs to the close of D - 1."""


def no_days() -> pd.DataFrame:
    """An empty daily table: no day, no column."""
    return pd.DataFrame(index=pd.DatetimeIndex([], tz="UTC"), dtype="float64")


def no_prints() -> pd.DataFrame:
    """An empty funding table."""
    return pd.DataFrame(
        {
            "time": pd.DatetimeIndex([], tz="UTC"),
            "asset": pd.Series([], dtype="str"),
            "rate": pd.Series([], dtype="float64"),
            "interval_hours": pd.Series([], dtype="float64"),
        }
    )


@dataclass(frozen=True, eq=False, kw_only=True)
class MarketHistory:
    """Daily market history. Every table but `prices` may be empty.

    Daily tables are float64 with an ascending DatetimeIndex in UTC, one row a day, NaN where nothing is known. The
    stamp D means the close of day D (24:00 UTC), except in `tvl` and `tvl_units`, which keep the vendors' stamp: the
    snapshot at 00:00 of D, which belongs to the close of D - 1.

    - `prices`: USD, a column an asset. `market_caps`: USD, circulating, the same columns.
    - `tvl`: USD, columns are DefiLlama slugs, plus `total` for all of DeFi.
    - `tvl_units`: token units locked, columns `SLUG:ASSET`, where a vendor gives them.
    - `fees`: USD paid by users on that day, a column an asset. `activity`: columns `ASSET.metric`.
    - `sentiment`: 0 (fear) to 100 (greed).
    - `funding`: one row a print, columns time (UTC), asset, rate (fraction per interval, > 0 when longs pay),
      interval_hours.
    - `sources`: who gave a table, in words, by the table's name, where it is known.

    BadInput when a table does not have this shape.
    """

    name: str
    source: str
    label: MarketLabel
    prices: pd.DataFrame
    market_caps: pd.DataFrame = field(default_factory=no_days)
    tvl: pd.DataFrame = field(default_factory=no_days)
    tvl_units: pd.DataFrame | None = None
    fees: pd.DataFrame = field(default_factory=no_days)
    activity: pd.DataFrame = field(default_factory=no_days)
    sentiment: pd.DataFrame = field(default_factory=no_days)
    funding: pd.DataFrame = field(default_factory=no_prints)
    sources: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for table in DAILY:
            frame = getattr(self, table)
            if frame is not None:
                _check_daily(self.name, table, frame)
        if self.prices.empty:
            raise BadInput(f"{self.name}: prices is empty; a market needs at least one day of prices")
        missing = [column for column in FUNDING_COLUMNS if column not in self.funding]
        if missing:
            raise BadInput(f"{self.name}: funding has no column {missing[0]}; it needs {', '.join(FUNDING_COLUMNS)}")
        if not _is_utc(self.funding["time"].dtype):
            raise BadInput(f"{self.name}: funding has times without a time zone; give them in UTC")

    @property
    def days(self) -> pd.DatetimeIndex:
        """Every calendar day from the first to the last close, gaps included."""
        return pd.date_range(self.prices.index[0], self.prices.index[-1], freq="D")

    @property
    def first_day(self) -> date:
        """The first day with a row of prices."""
        first: date = self.prices.index[0].date()
        return first

    @property
    def last_day(self) -> date:
        """The last day with a row of prices."""
        last: date = self.prices.index[-1].date()
        return last

    def source_of(self, table: str) -> str:
        """Where the numbers of a table come from: its vendors where they are known, else the market and the table.

        Activity is counted in `activity` and, its fees, in `fees`.
        """
        tables = ("activity", "fees") if table == "activity" else (table,)
        given = dict.fromkeys(name for one in tables for name in self.sources.get(one, "").split(", ") if name)
        return ", ".join(given) or f"{self.name}: {table}"

    def until(self, day: date) -> "MarketHistory":
        """The history as it was knowable at the close of `day` (24:00 UTC).

        Includes the TVL snapshot stamped `day` + 1, taken at that very close. Funding ends with the prints stamped on
        `day`: the print at 24:00 settles with the next day. BadInput when nothing is left.
        """
        if day < self.first_day:
            raise BadInput(f"{self.name}: the history begins on {self.first_day}; {day} is before it")
        last = pd.Timestamp(day, tz="UTC")
        known = self.funding["time"] < last + timedelta(days=1)
        return replace(
            self,
            prices=self.prices.loc[:last],
            market_caps=self.market_caps.loc[:last],
            tvl=self.tvl.loc[: last + TVL_LAG],
            tvl_units=None if self.tvl_units is None else self.tvl_units.loc[: last + TVL_LAG],
            fees=self.fees.loc[:last],
            activity=self.activity.loc[:last],
            sentiment=self.sentiment.loc[:last],
            funding=self.funding.loc[known],
        )


def _is_utc(dtype: object) -> bool:
    return isinstance(dtype, pd.DatetimeTZDtype) and str(dtype.tz) == "UTC"


def _check_daily(name: str, table: str, frame: pd.DataFrame) -> None:
    index = frame.index
    if not isinstance(index, pd.DatetimeIndex) or not _is_utc(index.dtype):
        raise BadInput(f"{name}: {table} needs one row a day, stamped in UTC")
    if not index.is_monotonic_increasing or not index.is_unique:
        raise BadInput(f"{name}: {table} has a day twice or out of order; keep one row a day, oldest first")
    if not (index == index.normalize()).all():
        raise BadInput(f"{name}: {table} has stamps within a day; a stamp is a day")
