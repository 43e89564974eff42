"""alternative.me: the fear and greed index, shown and never scored."""

from __future__ import annotations

from datetime import date, timedelta

from cockpit.markets.daily.series import Series, exact, snapshot_day
from cockpit.markets.daily.vendor import Vendor

URL = "https://api.alternative.me/fng/"
SLACK = timedelta(hours=2)


class Sentiment(Vendor):
    """0 (fear) to 100 (greed), one value a day."""

    async def index(self, days: int, today: date) -> Series:
        """The values of the last closed days."""
        answer = await self.get(URL, {"limit": str(days + 1), "format": "json"})
        try:
            points = {snapshot_day(point["timestamp"], SLACK): exact(point["value"]) for point in answer["data"]}
        except (KeyError, TypeError):
            raise self.unreadable("the index has another shape") from None
        return {day: value for day, value in points.items() if day and value is not None and 0 <= value <= 100 and day < today}
