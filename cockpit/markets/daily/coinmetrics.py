"""Coin Metrics' community data: reference rates, transactions and fees where others fail."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal

from cockpit.markets.daily.series import DAY, Table, exact
from cockpit.markets.daily.vendor import Vendor

URL = "https://community-api.coinmetrics.io/v4/timeseries/asset-metrics"
PAGES = 50


class CoinMetrics(Vendor):
    """Daily metrics by asset; what the community set does not have is left out."""

    async def closes(self, assets: Sequence[str], first: date, last: date) -> Table:
        """USD reference rates at 24:00 UTC of the days asked for: the rate stamped with the next midnight."""
        rates = await self._metrics(assets, ["ReferenceRateUSD"], first + DAY, last + DAY)
        return {asset: {day - DAY: rate for day, rate in series.items()} for (asset, _), series in rates.items()}

    async def network(self, assets: Sequence[str], first: date, last: date) -> tuple[Table, Table]:
        """(transactions, fees in USD) of closed days: TxCnt, and FeeTotNtv x PriceUSD."""
        found = await self._metrics(assets, ["TxCnt", "FeeTotNtv", "PriceUSD"], first, last)
        transactions = {asset: series for (asset, metric), series in found.items() if metric == "TxCnt"}
        fees: Table = {}
        for (asset, metric), series in found.items():
            prices = found.get((asset, "PriceUSD"), {})
            if metric == "FeeTotNtv":
                fees[asset] = {day: paid * prices[day] for day, paid in series.items() if day in prices}
        return transactions, fees

    async def _metrics(
        self, assets: Sequence[str], metrics: Sequence[str], first: date, last: date
    ) -> dict[tuple[str, str], dict[date, Decimal]]:
        names = {asset.lower(): asset for asset in assets}
        asked = {
            "assets": ",".join(names),
            "metrics": ",".join(metrics),
            "frequency": "1d",
            "start_time": first.isoformat(),
            "end_time": last.isoformat(),
            "page_size": "10000",
            "paging_from": "start",
            "ignore_forbidden_errors": "true",
            "ignore_unsupported_errors": "true",
        }
        found: dict[tuple[str, str], dict[date, Decimal]] = {}
        for _ in range(PAGES):
            answer = await self.get(URL, asked)
            try:
                for row in answer["data"]:
                    day = _day(row["time"])
                    for metric in metrics:
                        value = exact(row.get(metric))
                        if value is not None and row["asset"] in names and first <= day <= last:
                            found.setdefault((names[row["asset"]], metric), {})[day] = value
                token = answer.get("next_page_token")
            except (KeyError, TypeError, ValueError, AttributeError):
                raise self.unreadable("the metrics have another shape") from None
            if not token:
                return found
            asked["next_page_token"] = str(token)
        raise self.unreadable(f"more than {PAGES} pages")


def _day(text: str) -> date:
    """The day of a stamp such as 2021-08-20T00:00:00.000000000Z; ValueError where it is not at midnight."""
    at = datetime.fromisoformat(text[:19] + "+00:00")
    if at - datetime.combine(at.date(), datetime.min.time(), at.tzinfo) > timedelta(0):
        raise ValueError(text)
    return at.date()
