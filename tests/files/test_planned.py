"""The plans that the planner really makes survive their files byte for byte, with the id that they were given."""

from datetime import UTC, datetime

import pytest

from cockpit.files.plan_file import dump_plan, parse_plan
from cockpit.files.portfolio import load_portfolio
from cockpit.files.settings import load_risk_settings, load_universe
from cockpit.files.shipped import sample_portfolio, sample_portfolios, shipped
from cockpit.files.strategies import load_strategies
from cockpit.markets.open import open_feed, pin
from cockpit.model.errors import RefusedByRule
from cockpit.model.plan import Plan
from cockpit.model.request import PlanRequest
from cockpit.rotation.identity import verify_id
from cockpit.rotation.planner import plan

NOW = datetime(2025, 6, 1, 12, tzinfo=UTC)


def planned(sample: str, strategy: str, preset: str | None = None) -> Plan | None:
    """What the planner makes of a sample on the simulated market; None if a rule refuses it."""
    universe = load_universe(shipped("universe.toml"))
    book = load_portfolio(sample_portfolio(sample), universe)
    feed = open_feed("simulated", as_of=None, seed=7, universe=universe, clock=lambda: NOW)
    market = pin(feed.snapshot({*universe.assets, *book.assets()}), book.pinned_prices)
    request = PlanRequest(strategy=strategy, preset=preset)
    known = load_strategies([shipped("strategies")])[strategy]
    try:
        return plan(book, market, universe, known, load_risk_settings(shipped("limits.toml")), request, feed.now())
    except RefusedByRule:
        return None


@pytest.mark.parametrize("strategy", ["A", "B", "C"])
@pytest.mark.parametrize("sample", [path.stem for path in sample_portfolios()])
def test_a_made_plan_keeps_bytes_and_id(sample: str, strategy: str) -> None:
    made = planned(sample, strategy)
    if made is None:
        pytest.skip("a rule refuses this plan, there is nothing to write")
    text = dump_plan(made)
    loaded = parse_plan(text, source="plan.toml")
    assert loaded == made
    assert dump_plan(loaded) == text
    assert verify_id(loaded)


def test_the_worked_example_is_written_as_the_contract_says() -> None:
    made = planned("hundred_thousand", "B", "reconciled")
    assert made is not None
    text = dump_plan(made)
    for line in ('action = "open_short"', 'quantity = "2.5"', 'notional = "10000"', 'margin = "5000"', 'stop_price = "4480"'):
        assert f"{line}\n" in text
    edited = parse_plan(text.replace('quantity = "2.5"', 'quantity = "2.4"', 1), source="plan.toml")
    assert not verify_id(edited)
