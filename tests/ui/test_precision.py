"""Prices and quantities are written to the precision of their instrument, one price in one way on every screen."""

from decimal import Decimal

import pytest
from msgspec.structs import replace

from cockpit.model.market import MarketSnapshot
from cockpit.ui.blocks.path import path
from cockpit.ui.blocks.positions import positions
from cockpit.ui.lines import text_of
from cockpit.ui.precision import asset_tick, price_text, quantity_text
from cockpit.ui.steps import step_words
from tests.ui import worked_example as example
from tests.ui.test_panes import hedged

D = Decimal
ETH = "ETH/USDT:USDT"


def market_of_two_ticks() -> MarketSnapshot:
    """The worked example's market with UNI in ticks of .0001, the others in cents."""
    market = example.market()
    finer = {s: replace(i, tick=D("0.0001")) if i.asset == "UNI" else i for s, i in market.instruments.items()}
    return replace(market, instruments=finer)


@pytest.mark.parametrize(
    ("quantity", "text"), [(D("2.5"), "2.500"), (D(3000), "3,000.000"), (D("0.00012"), "0.00012"), (None, "–")]
)
def test_a_quantity_has_the_places_of_its_lot_and_loses_no_digit(quantity: Decimal | None, text: str) -> None:
    assert example.market().instruments[ETH].lot == D("0.001")
    assert quantity_text(example.market(), ETH, quantity) == text


def test_without_a_market_or_an_instrument_a_number_has_the_digits_that_it_has() -> None:
    for market, symbol in ((None, ETH), (example.market(), "NAN/USDT"), (example.market(), None)):
        assert quantity_text(market, symbol, D("2.50")) == "2.5"
        assert price_text(market, symbol, D("4000")) == "4,000.00"


def test_an_asset_without_a_perpetual_is_charted_on_the_tick_of_its_spot_pair() -> None:
    """A stablecoin at .9998 that read 1.00 would be a wrong number."""
    market = example.market()
    spot = replace(market.instruments["ETH/USDT"], symbol="USDC/USDT", asset="USDC", tick=D("0.0001"))
    with_usdc = replace(market, instruments={**market.instruments, "USDC/USDT": spot})
    assert asset_tick(with_usdc, "USDC") == D("0.0001")
    assert asset_tick(with_usdc, "ETH") == market.instruments[ETH].tick
    assert asset_tick(with_usdc, "NAN") is None
    assert asset_tick(None, "ETH") is None


def test_a_price_is_the_same_in_the_words_of_a_step_in_the_path_and_in_the_positions() -> None:
    market = market_of_two_ticks()
    picture = replace(hedged(), market=market)
    plan = example.reconciled_plan(example.book(), example.market())
    step = next(step for step in plan.steps if step.asset == "UNI")
    assert step.symbol is not None
    wanted = price_text(market, step.symbol, step.price)
    assert wanted == "10.0000"
    assert step_words(step, market.instruments[step.symbol].tick).endswith(f" at {wanted}")
    for lines in (path(plan, 116, market), positions(picture, 150)):
        assert any(wanted in text_of(row).split() for row in lines if "UNI" in text_of(row))


def test_prices_of_different_ticks_stand_point_below_point() -> None:
    market = market_of_two_ticks()
    plan = example.reconciled_plan(example.book(), example.market())
    rows = [text_of(row) for row in path(plan, 116, market)][3:]
    points = set()
    for row, step in zip(rows, plan.steps, strict=True):
        if step.price is not None:
            price = price_text(market, step.symbol, step.price)
            points.add(row.index(f" {price} ") + price.index("."))
    assert len({price_text(market, step.symbol, step.price).partition(".")[2] for step in plan.steps if step.price}) > 1
    assert len(points) == 1
