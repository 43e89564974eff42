"""The kept daily history as the live market reads it: up to yesterday's close, also where the sources were silent since."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from cockpit.markets.tables import read_table
from cockpit.model.errors import BadInput
from cockpit.model.market import MarketLabel

if TYPE_CHECKING:
    from cockpit.signals.history import MarketHistory

PRICES = "prices.csv"


def newest_day(folder: Path) -> date | None:
    """The last day with a row of prices; None where there is none that can be read."""
    try:
        days = read_table(folder / PRICES, assets=True).days()
    except BadInput:
        return None
    return days[-1] if days else None


def read_past(folder: Path, name: str, until: date) -> MarketHistory:
    """Everything known at the close of `until`. Days after the last kept one are there and empty: readings age with them."""
    import pandas as pd

    from cockpit.markets.recorded_history import read_history

    history = replace(read_history(folder, name, name, until), label=MarketLabel.LIVE)
    missing = (until - history.last_day) // timedelta(days=1)
    if missing <= 0:
        return history
    days = pd.date_range(history.prices.index[0], pd.Timestamp(until, tz="UTC"), freq="D")
    return replace(history, prices=history.prices.reindex(history.prices.index.union(days[-missing:])))
