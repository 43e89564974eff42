"""DefiLlama, after its OpenAPI description (api-docs.defillama.com): prices, TVL, fees.

The limit of points a request for prices is the one that clients keep to; the vendor publishes none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

from cockpit.files.settings import load_universe
from cockpit.files.shipped import shipped
from cockpit.model.assets import Asset
from tests.loopback.vendor import Answer, Asked, Options, Vendor, rest
from tests.loopback.world import World, rounded

API = "api.llama.fi"
COINS = "coins.llama.fi"
MOST_POINTS = 500
DAY = timedelta(days=1)
INTRADAY = Decimal("1.03")
"""What the vendor's last point, of now, is against the last snapshot."""
SECOND_CHAIN = Decimal("0.3")
"""The share of a protocol's TVL on the second chain."""
EVERYBODY = 9
"""How many times the gas of a chain everybody on it takes."""
RENAMED = {"curve": "curve-finance", "compound": "compound-finance"}
"""Protocols that the vendor has under another name by now, and under that alone."""
WRAPPED = {"ETH": "WETH", "BTC": "WBTC"}
Twist = Callable[[str, date, Decimal], Decimal | None]


class DefiLlama(Vendor):
    """`twist(column, day, value)` changes what is told of a column (an asset, a slug, "total"); None leaves the point out.

    A protocol's second chain is twisted by itself as well, as the column "SLUG Arbitrum". `newest_first` turns the order round.
    Without `today` there are no fees of the day that runs.
    """

    def __init__(self, world: World, options: Options) -> None:
        super().__init__(world, options)
        assets = load_universe(shipped("universe.toml")).assets.values()
        self._by_id = {asset.coingecko: asset for asset in assets}
        self._chains = {asset.defillama_chain: asset for asset in assets if asset.defillama_chain}
        self._protocols = {asset.defillama_protocol: asset for asset in assets if asset.defillama_protocol}
        self._called = {RENAMED.get(name, name): asset for name, asset in self._protocols.items()}
        self.twist: Twist = lambda _column, _day, value: value
        self.newest_first = False
        self.today = True

    @rest("GET", COINS, "/chart/(?P<coins>.+)")
    def chart(self, asked: Asked) -> Any:
        keys = unquote(asked.parts["coins"]).split(",")
        start, span = int(asked.query["start"]), int(asked.query.get("span", "1"))
        if asked.query.get("period") != "1d" or span * len(keys) > MOST_POINTS:
            return Answer({"message": "too many data points"}, 400)
        coins = {}
        for key in keys:
            asset = self._by_id.get(key.removeprefix("coingecko:"))
            points = list(self._prices(asked.world, asset, start, span)) if asset and asset.symbol in asked.world.assets else []
            if asset and points:
                coins[key] = {"symbol": asset.symbol, "confidence": 0.99, "prices": points}
        return {"coins": coins}

    def _prices(self, world: World, asset: Asset, start: int, span: int) -> Iterator[dict[str, Any]]:
        closes = world.closes(asset.symbol)
        for number in range(span):
            at = datetime.fromtimestamp(start, UTC) + number * DAY
            close = closes.get(at.date() - DAY)
            told = None if close is None or at > world.now() else self.twist(asset.symbol, at.date() - DAY, close)
            if told is not None:
                # The vendor takes the nearest point that it has: some seconds beside the moment asked for.
                yield {"timestamp": int(at.timestamp()) + (number * 37) % 300 - 150, "price": float(told)}

    @rest("GET", API, "/v2/historicalChainTvl")
    def total(self, asked: Asked) -> Any:
        points = self._snapshots(asked.world, "total")
        last = points[-1][1] * INTRADAY
        told = [
            *({"date": _stamp(day), "tvl": float(value)} for day, value in points),
            {"date": int(asked.world.now().timestamp()), "tvl": float(last)},
        ]
        return told[::-1] if self.newest_first else told

    @rest("GET", API, "/protocol/(?P<slug>[^/]+)")
    def protocol(self, asked: Asked) -> Any:
        known = self._called.get(asked.parts["slug"])
        slug = known.defillama_protocol if known else ""
        points = self._snapshots(asked.world, slug) if known else []
        if not points:
            return Answer('{"statusCode":400,"message":"Protocol not found"}', 400)
        now = int(asked.world.now().timestamp())
        units = self._units(asked.world, slug)
        second = [(day, rounded(float(value * SECOND_CHAIN)).quantize(Decimal(1))) for day, value in points]
        first = [(day, value - part) for (day, value), (_, part) in zip(points, second, strict=True)]
        twisted = [(day, self.twist(f"{slug} Arbitrum", day, part)) for day, part in second]
        second = [(day, part) for day, part in twisted if part is not None]
        return {
            "id": "2",
            "name": slug,
            "currentChainTvls": {"Ethereum": float(first[-1][1]), "Arbitrum": float(second[-1][1]), "borrowed": 1e9},
            "chainTvls": {
                "Ethereum": _chain(first, now, units),
                "Arbitrum": _chain(second, now, {}),
                "Ethereum-borrowed": _chain(points, now, units),
                "borrowed": _chain(points, now, units),
                "Gnosis": {"tvl": [], "tokensInUsd": None, "tokens": None},
                "staking": _chain(points, now, {}),
                "pool2": _chain(points, now, {}),
            },
        }

    @rest("GET", API, "/overview/fees/(?P<name>[^/]+)")
    def overview(self, asked: Asked) -> Any:
        """What all protocols on a chain take, which is not its gas."""
        return self._fees(asked, self._named(asked), of_all=EVERYBODY)

    @rest("GET", API, "/summary/fees/(?P<name>[^/]+)")
    def fees(self, asked: Asked) -> Any:
        """What is paid to one protocol, or as gas on one chain."""
        return self._fees(asked, self._named(asked))

    def _named(self, asked: Asked) -> Asset | None:
        name = unquote(asked.parts["name"]).lower()
        return next((one for known, one in {**self._chains, **self._called}.items() if known.lower() == name), None)

    def _fees(self, asked: Asked, asset: Asset | None, *, of_all: int = 1) -> Any:
        fees = asked.world.column("fees", asset.symbol) if asset else {}
        if asset is None or not fees or asked.query.get("dataType") != "dailyFees":
            return Answer({"message": f"Fees for {asked.parts['name']} not found"}, 400)
        points = [(day, rounded(usd) * of_all) for day, usd in fees.items()]
        told = [(day, self.twist(f"{asset.symbol} fees", day, usd)) for day, usd in points]
        chart = [[_stamp(day), float(usd)] for day, usd in told if usd is not None]
        running = [[_stamp(asked.world.now().date()), chart[-1][1] / 3]] if self.today else []
        return {
            "name": asset.name,
            "total24h": chart[-1][1],
            "change_1d": 0.5,
            "totalDataChart": [*chart, *running],
            "protocols": [],
        }

    def _snapshots(self, world: World, column: str) -> list[tuple[date, Decimal]]:
        told = [(day, rounded(value)) for day, value in world.column("tvl", column).items()]
        twisted = [(day, self.twist(column, day, value)) for day, value in told]
        return [(day, value) for day, value in twisted if value is not None]

    def _units(self, world: World, slug: str) -> dict[date, dict[str, float]]:
        table = world.history().tvl_units
        units: dict[date, dict[str, float]] = {}
        if table is None:
            return units
        for column in table:
            name, _, asset = str(column).partition(":")
            if name == slug:
                for day, amount in world.column("tvl_units", str(column)).items():
                    units.setdefault(day, {})[WRAPPED.get(asset, asset)] = float(rounded(amount))
        for tokens in units.values():
            tokens["XUNKNOWN"] = 5.0
        return units


def _chain(points: list[tuple[date, Decimal]], now: int, units: dict[date, dict[str, float]]) -> dict[str, Any]:
    tvl = [{"date": _stamp(day), "totalLiquidityUSD": float(value)} for day, value in points]
    tokens = [{"date": _stamp(day), "tokens": held} for day, held in units.items()]
    return {
        "tvl": [*tvl, {"date": now, "totalLiquidityUSD": float(points[-1][1] * INTRADAY)}],
        "tokensInUsd": tokens,
        "tokens": [*tokens, *({"date": now, "tokens": held} for held in list(units.values())[-1:])],
    }


def _stamp(day: date) -> int:
    return int(datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp())
