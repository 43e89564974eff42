"""What a venue lists is slim, in base units, and holds no row that cannot be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from cockpit.markets.live.listing import FRESH, Listed, Listing, listed, slim
from cockpit.model.instruments import Kind

NOW = datetime(2026, 8, 20, 12, tzinfo=UTC)
QUOTES = ("USDT", "USDT")


def market(**changes: Any) -> dict[str, Any]:
    """A perpetual as ccxt lists it."""
    return {
        "id": "ETH_USDT",
        "symbol": "ETH/USDT:USDT",
        "base": "ETH",
        "quote": "USDT",
        "settle": "USDT",
        "baseId": "ETH",
        "quoteId": "USDT",
        "settleId": "USDT",
        "active": True,
        "spot": False,
        "swap": True,
        "linear": True,
        "contractSize": Decimal("0.01"),
        "precision": {"amount": Decimal(1), "price": Decimal("0.05")},
        "limits": {"amount": {"min": Decimal(1), "max": None}, "cost": {"min": Decimal(5)}},
        "info": {"fundingInterval": "240", "huge": "x" * 1000},
    } | changes


def row(**changes: Any) -> Listed:
    """Its slim row."""
    found = listed(market(**changes))
    assert found is not None
    return found


def test_quantities_of_contracts_become_base_units() -> None:
    instrument = row().instrument(None)
    assert (instrument.lot, instrument.contract_size) == (Decimal("0.01"), Decimal("0.01"))
    assert (instrument.tick, instrument.min_notional) == (Decimal("0.05"), Decimal(5))


def test_a_contract_size_that_is_told_and_not_meant_is_not_used() -> None:
    assert row().instrument(Decimal(1)).lot == 1


def test_the_smallest_order_is_the_larger_of_least_quantity_and_least_notional() -> None:
    instrument = row(limits={"amount": {"min": Decimal(3)}, "cost": {"min": Decimal(5)}}).instrument(None)
    assert instrument.min_quantity == Decimal("0.03")
    assert (instrument.least_notional(Decimal(100)), instrument.least_notional(Decimal(1000))) == (Decimal(5), Decimal(30))


@pytest.mark.parametrize(
    "changes",
    [
        {"precision": {"amount": Decimal(0), "price": Decimal(1)}},
        {"precision": {"amount": None, "price": Decimal(1)}},
        {"precision": {"amount": Decimal(1), "price": Decimal("NaN")}},
        {"precision": None},
        {"base": None},
        {"id": 7},
    ],
)
def test_a_market_whose_names_or_steps_cannot_be_is_not_listed(changes: dict[str, Any]) -> None:
    assert listed(market(**changes)) is None


@pytest.mark.parametrize(
    "changes", [{"active": False}, {"settle": "ETH"}, {"quote": "USDC"}, {"linear": False}, {"swap": False, "future": True}]
)
def test_only_active_linear_perpetuals_in_usdt_are_ours(changes: dict[str, Any]) -> None:
    assert slim([market()], Kind.PERP, QUOTES)
    assert slim([market(**changes)], Kind.PERP, QUOTES) == ()


def test_what_is_kept_is_slim_and_comes_back_as_it_was() -> None:
    whole = Listing(ccxt="4", at=NOW, markets=(row(),))
    text = msgspec.json.encode(whole)
    assert len(text) < 600
    assert msgspec.json.decode(text, type=Listing) == whole
    assert row().ccxt()["info"] == {"fundingInterval": "240"}
    assert row().interval == 240


def test_a_listing_is_fresh_for_a_day_and_readable_by_its_own_version() -> None:
    whole = Listing(ccxt="4", at=NOW, markets=(row(),))
    assert whole.fresh(NOW + FRESH - timedelta(seconds=1))
    assert not whole.fresh(NOW + FRESH)
    assert not whole.fresh(NOW - timedelta(seconds=1))
    assert whole.readable("4")
    assert not whole.readable("5")
    assert not Listing(ccxt="4", at=NOW, markets=()).readable("4")
