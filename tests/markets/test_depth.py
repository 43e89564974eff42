"""Order books where no recording of one exists."""

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from cockpit.markets import depth
from cockpit.markets.instruments import BookShape, load_instruments
from cockpit.model.assets import Sector
from cockpit.model.instruments import spot_symbol

AT = datetime(2025, 10, 22, tzinfo=UTC)
positive = st.decimals("0.0000001", "1000000", places=7)
shapes = st.builds(BookShape, st.decimals("0.1", "200", places=1), st.decimals("100", "100000000", places=0))
ragged = st.lists(st.floats(0.2, 3), min_size=len(depth.REACH), max_size=len(depth.REACH))


@given(positive, shapes, ragged, st.sampled_from(["ETH", "NOBODY"]))
def test_a_book_is_sorted_positive_uncrossed_and_in_whole_steps(
    mark: Decimal, shape: BookShape, factors: list[float], asset: str
) -> None:
    instrument = load_instruments().instruments(asset, Sector.UNCLASSIFIED, mark)[spot_symbol(asset)]
    quote = depth.quote(instrument, mark, shape, AT, factors)
    bids, asks = [level.price for level in quote.bids], [level.price for level in quote.asks]
    assert bids == sorted(set(bids), reverse=True)
    assert asks == sorted(set(asks))
    assert (bids[0], asks[0]) == (quote.bid, quote.ask)
    assert 0 < quote.bid <= mark <= quote.ask
    assert quote.bid < quote.ask
    assert all(price % instrument.tick == 0 for price in bids + asks)
    assert all(level.size > 0 and level.size % instrument.lot == 0 for level in quote.bids + quote.asks)


def test_one_percent_of_the_price_holds_the_depth_asked_for() -> None:
    instrument = load_instruments().instruments("ETH", Sector.L1, Decimal(4000))[spot_symbol("ETH")]
    quote = depth.quote(instrument, Decimal(4000), BookShape(Decimal("0.5"), Decimal(20_000_000)), AT)
    for side in (quote.bids, quote.asks):
        values = {level.price: level.price * level.size for level in side}
        near = sum((value for price, value in values.items() if abs(price / 4000 - 1) < Decimal("0.0115")), Decimal(0))
        assert abs(near - 20_000_000) < 4_500_000
        assert sum(values.values(), Decimal(0)) > 40_000_000
