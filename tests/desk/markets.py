"""Small recorded markets for a desk."""

from datetime import date, timedelta
from pathlib import Path


def prices_only(folder: Path, days: int = 40, last: date = date(2021, 8, 20)) -> Path:
    """A recorded market with nothing but `days` of slowly rising prices."""
    folder.mkdir(parents=True, exist_ok=True)
    rows = ["date,BTC,ETH,UNI,AAVE"]
    for number in range(days):
        day = last - timedelta(days=days - 1 - number)
        rows.append(f"{day},{45000 + 10 * number},{3900 + number},{10 + number / 100:.2f},{250 + number / 10:.1f}")
    (folder / "prices.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder
