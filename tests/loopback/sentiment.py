"""alternative.me's fear and greed index, after alternative.me/crypto/fear-and-greed-index: newest first, strings."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tests.loopback.vendor import Asked, Vendor, rest
from tests.loopback.world import by_day


class Sentiment(Vendor):
    """The world's sentiment by day, today's guess on top."""

    @rest("GET", "api.alternative.me", "/fng/")
    def index(self, asked: Asked) -> Any:
        table = asked.world.history().sentiment
        values = [(day, round(value)) for day, value in by_day(table.iloc[:, 0]).items()]
        values.append((asked.world.now().date(), values[-1][1]))
        limit = int(asked.query.get("limit", "1"))
        rows = [
            {
                "value": str(value),
                "value_classification": "Fear" if value < 50 else "Greed",
                "timestamp": str(int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())),
            }
            for day, value in reversed(values)
        ]
        rows[0]["time_until_update"] = "3600"
        return {"name": "Fear and Greed Index", "data": rows[:limit] if limit else rows, "metadata": {"error": None}}
