"""What a venue lists in USDT, spot and perpetual: slim rows that are kept for a day, and what they mean for ccxt and for us."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from msgspec import Struct

from cockpit.markets.live.quoting import positive
from cockpit.model.instruments import Instrument, Kind, MarginTier, perp_symbol, spot_symbol
from cockpit.model.money import ONE, ZERO

FRESH = timedelta(hours=24)
"""For how long a listing is taken from the shelf."""
SCHEMA = 2

Limits = tuple[Decimal | None, Decimal | None]


class Listed(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One market of a venue, by its unified symbol there and the venue's own ids.

    `amount`, `price`, `cost` and `leverage` are least and most; `interval` is the funding interval in minutes where the listing
    says it; `told` are fields of the venue's own answer that ccxt reads again.
    """

    symbol: str
    id: str
    base: str
    quote: str
    settle: str = ""
    base_id: str
    base_name: str = ""
    quote_id: str
    settle_id: str = ""
    tick: Decimal
    lot: Decimal
    contract_size: Decimal | None = None
    amount: Limits = (None, None)
    price: Limits = (None, None)
    cost: Limits = (None, None)
    leverage: Limits = (None, None)
    interval: int | None = None
    told: dict[str, str] = {}

    @property
    def kind(self) -> Kind:
        """Spot or perpetual."""
        return Kind.PERP if self.settle else Kind.SPOT

    @property
    def ours(self) -> str:
        """The symbol under which the cockpit knows it, whatever it is settled in."""
        return perp_symbol(self.base) if self.settle else spot_symbol(self.base)

    def ccxt(self) -> dict[str, Any]:
        """The market as ccxt's `set_markets` wants it."""
        perp = bool(self.settle)
        limits = {"amount": self.amount, "price": self.price, "cost": self.cost, "leverage": self.leverage}
        return {
            "id": self.id,
            "lowercaseId": self.id.lower(),
            "symbol": self.symbol,
            "base": self.base,
            "quote": self.quote,
            "settle": self.settle or None,
            "baseId": self.base_id,
            "baseName": self.base_name or None,
            "quoteId": self.quote_id,
            "settleId": self.settle_id or None,
            "type": "swap" if perp else "spot",
            "spot": not perp,
            "margin": False,
            "swap": perp,
            "future": False,
            "option": False,
            "index": False,
            "active": True,
            "contract": perp,
            "linear": True if perp else None,
            "inverse": False if perp else None,
            "contractSize": self.contract_size,
            "precision": {"amount": self.lot, "price": self.tick},
            "limits": {name: {"min": least, "max": most} for name, (least, most) in limits.items()},
            "info": dict(self.told),
        }

    def instrument(self, size: Decimal | None, tiers: tuple[MarginTier, ...] = ()) -> Instrument:
        """What can be traded, in base units. `size` is the base units of a contract; None: those that the listing says."""
        contract = self.contract(size)
        return Instrument(
            symbol=self.ours,
            asset=self.base,
            kind=self.kind,
            tick=self.tick,
            lot=self.lot * contract,
            min_notional=self.cost[0] or ZERO,
            min_quantity=(self.amount[0] or ZERO) * contract,
            contract_size=contract,
            tiers=tiers,
        )

    def contract(self, size: Decimal | None) -> Decimal:
        """The base units of a contract, 1 on the spot market; `size` as for `instrument`."""
        return ONE if not self.settle else size if size is not None else self.contract_size or ONE


class Listing(Struct, frozen=True, kw_only=True):
    """The markets of a venue as they were at `at`, with the version of ccxt that read them."""

    schema: int = SCHEMA
    ccxt: str
    at: datetime
    markets: tuple[Listed, ...]

    def readable(self, version: str) -> bool:
        """Whether it was kept by this version of ccxt, in this form, with steps that can be."""
        steps = all(row.tick > 0 and row.lot > 0 and (row.contract_size is None or row.contract_size > 0) for row in self.markets)
        return self.schema == SCHEMA and self.ccxt == version and bool(self.markets) and steps

    def fresh(self, now: datetime) -> bool:
        """Whether it is young enough to be used unasked."""
        return timedelta(0) <= now - self.at < FRESH


_INFO = ("instFamily", "uly", "pair", "contractType", "fundingInterval", "feeScheduleUid", "collectCycle", "wsname")
"""Fields of the venue's own answer that ccxt reads again later."""


def slim(markets: Iterable[Mapping[str, Any]], kind: Kind, quotes: tuple[str, str]) -> tuple[Listed, ...]:
    """The active markets of a kind in (quote, settle) among ccxt's; those whose names or steps cannot be are left out."""
    rows = (listed(market) for market in markets if _is(market, kind, quotes))
    return tuple(row for row in rows if row is not None)


def _is(market: Mapping[str, Any], kind: Kind, quotes: tuple[str, str]) -> bool:
    quote, settle = quotes
    if market.get("active") is False or market.get("quote") != quote:
        return False
    if kind is Kind.SPOT:
        return market.get("spot") is True
    return market.get("swap") is True and market.get("linear") is True and market.get("settle") == settle


def listed(market: Mapping[str, Any]) -> Listed | None:
    """The slim row of one of ccxt's markets; None where its names or steps cannot be."""
    precision = market.get("precision") or {}
    tick, lot = positive(precision.get("price")), positive(precision.get("amount"))
    named = all(isinstance(market.get(name), str) for name in ("symbol", "id", "base", "quote"))
    if tick is None or lot is None or not named:
        return None
    limits, info = market.get("limits") or {}, market.get("info") or {}
    kept = {name: str(info[name]) for name in _INFO if info.get(name) is not None} if isinstance(info, dict) else {}
    interval = kept.get("fundingInterval", "")
    return Listed(
        symbol=market["symbol"],
        id=market["id"],
        base=market["base"],
        quote=market["quote"],
        settle=(market.get("settle") or "") if market.get("swap") else "",
        base_id=market.get("baseId") or market["base"],
        base_name=market.get("baseName") or "",
        quote_id=market.get("quoteId") or market["quote"],
        settle_id=market.get("settleId") or "",
        tick=tick,
        lot=lot,
        contract_size=positive(market.get("contractSize")),
        amount=_limits(limits, "amount"),
        price=_limits(limits, "price"),
        cost=_limits(limits, "cost"),
        leverage=_limits(limits, "leverage"),
        interval=int(interval) if interval.isdecimal() else None,
        told=kept,
    )


def _limits(limits: Mapping[str, Any], name: str) -> Limits:
    of = limits.get(name) or {}
    return positive(of.get("min")), positive(of.get("max"))
