"""The manifest of what was collected: its span, the source of every table, and under which terms the vendors give it."""

from __future__ import annotations

from collections import Counter

from cockpit.markets.daily.kept import DAILY, PRINTS, Kept

MANIFEST = "manifest.toml"
LICENCE = (
    "TVL, fees and prices: DefiLlama (defillama.com). Network data and reference rates: Coin Metrics (coinmetrics.io), CC BY-NC "
    "4.0. Fear and greed: alternative.me. Candles and funding: the venues named, under their terms."
)
"""Whom to cite, and on which terms the numbers may be used."""
FILES = {
    "prices": "daily close at 24:00 UTC in USD; one column an asset",
    "tvl": "USD by the 00:00 UTC snapshot: the value of day D pairs with the price close of D-1",
    "tvl_units": "units locked by the same snapshots, columns SLUG:ASSET",
    "fees": "USD paid by users on that day",
    "activity": "ASSET.metric columns: gas_gwei (base fee and median tip), tx_count",
    "sentiment": "fear and greed index, 0 to 100",
    "funding": "one row a funding print: rate as a fraction per interval, positive = longs pay",
}


def words(kept: Kept) -> dict[str, str]:
    """Who gave each table, the one with the most columns first."""
    counted = {table: Counter(kept.notebook.words.get(table, {}).values()) for table in (*DAILY, PRINTS)}
    return {table: ", ".join(name for name, _ in count.most_common()) for table, count in counted.items() if count}


def given(kept: Kept) -> dict[str, tuple[str, ...]]:
    """The tables that each source gives now."""
    tables: dict[str, list[str]] = {}
    for table, columns in kept.notebook.words.copy().items():
        for name in sorted(set(columns.copy().values())):
            tables.setdefault(name, []).append(table)
    return {name: tuple(listed) for name, listed in tables.items()}


def write(kept: Kept) -> None:
    """Write the manifest, the last of the files. BadInput where it cannot be written."""
    import tomli_w

    stamps = [day for column in kept.tables["prices"].values() for day in column]
    sources = words(kept)
    names = dict.fromkeys(name for listed in sources.values() for name in listed.split(", "))
    document = {
        "schema": 1,
        "name": kept.name,
        "source": ", ".join(names),
        "licence": LICENCE,
        "first": min(stamps),
        "last": max(stamps),
        "sources": sources,
        "files": {name: text for name, text in FILES.items() if kept.exists(f"{name}.csv")},
    }
    kept.put(MANIFEST, tomli_w.dumps(document))
