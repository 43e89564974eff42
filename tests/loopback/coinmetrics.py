"""Coin Metrics' community API v4, after docs.coinmetrics.io: daily asset metrics as strings, in pages."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.loopback.vendor import Answer, Asked, Vendor, rest
from tests.loopback.world import World, rounded

HOST = "community-api.coinmetrics.io"
COMMUNITY = ("ReferenceRateUSD", "PriceUSD", "TxCnt", "FeeTotNtv")
UNSUPPORTED = ("jup", "ena", "pendle")


class CoinMetrics(Vendor):
    """Every asset of the world but a few; `most` rows a page whatever is asked for."""

    most = 1000

    @rest("GET", HOST, "/v4/timeseries/asset-metrics")
    def metrics(self, asked: Asked) -> Any:
        query = asked.query
        names, metrics = query["assets"].split(","), query["metrics"].split(",")
        known = {asset.lower(): asset for asset in asked.world.assets if asset.lower() not in UNSUPPORTED}
        unknown = [name for name in names if name not in known]
        if unknown and query.get("ignore_unsupported_errors") != "true":
            return _error("bad_parameter", f"Bad parameter 'assets'. Value '{unknown[0]}' is not supported.", 400)
        if any(metric not in COMMUNITY for metric in metrics) and query.get("ignore_forbidden_errors") != "true":
            return _error("forbidden", "Requested metric is not available with supplied credentials.", 403)
        first, last = date.fromisoformat(query["start_time"]), date.fromisoformat(query["end_time"])
        rows = []
        for name in names:
            if name in known:
                rows += _rows(asked.world, known[name], [metric for metric in metrics if metric in COMMUNITY], first, last)
        begin = int(query.get("next_page_token", "0"))
        end = begin + min(int(query.get("page_size", "100")), self.most)
        answer: dict[str, Any] = {"data": rows[begin:end]}
        if end < len(rows):
            answer |= {"next_page_token": str(end), "next_page_url": f"https://{HOST}{asked.path}?next_page_token={end}"}
        return answer


def _rows(world: World, asset: str, metrics: list[str], first: date, last: date) -> list[dict[str, str]]:
    closes = world.closes(asset)
    counted = {day: rounded(value) for day, value in world.column("activity", f"{asset}.tx_count").items()}
    paid = {day: rounded(value) for day, value in world.column("fees", asset).items()}
    rows = []
    for number in range((last - first).days + 1):
        day = first + timedelta(days=number)
        if day > world.now().date():
            break
        found = {
            "ReferenceRateUSD": closes.get(day - timedelta(days=1)),
            "PriceUSD": closes.get(day),
            "TxCnt": counted.get(day),
            "FeeTotNtv": paid[day] / closes[day] if day in paid and day in closes else None,
        }
        row = {metric: str(found[metric]) for metric in metrics if found[metric] is not None}
        if row:
            rows.append({"asset": asset.lower(), "time": f"{day}T00:00:00.000000000Z", **row})
    return rows


def _error(kind: str, message: str, status: int) -> Answer:
    return Answer({"error": {"type": kind, "message": message}}, status)
