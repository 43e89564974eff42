"""The margin formulas give the published numbers, and keep their identities everywhere else.

Where a source rounds or truncates, so does the comparison.
"""

import json
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from cockpit.model.book import Side
from cockpit.model.instruments import MarginTier, margin_tiers
from cockpit.rotation import margin
from cockpit.rotation.book_walk import walk_levels

D = Decimal
LONG, SHORT = Side.LONG, Side.SHORT


def flat(rate: str, amount: str = "0") -> tuple[MarginTier, ...]:
    """One open-ended tier."""
    return (MarginTier(D(0), None, D(rate), D(125), D(amount)),)


def table(*rows: tuple[str, str, str, str]) -> tuple[MarginTier, ...]:
    """Tiers whose maintenance amounts the recursion must find."""
    return margin_tiers([(D(floor), D(rate), D(leverage)) for floor, _, rate, leverage in rows])


# Binance USD-M brackets of October 2024 (floor, cap, maintenance rate, maximum leverage).
ETH = table(
    ("0", "50000", "0.004", "125"),
    ("50000", "600000", "0.005", "100"),
    ("600000", "3000000", "0.0065", "75"),
    ("3000000", "12000000", "0.01", "50"),
    ("12000000", "50000000", "0.02", "25"),
)
SOL = table(
    ("0", "20000", "0.005", "100"),
    ("20000", "100000", "0.0065", "75"),
    ("100000", "800000", "0.01", "50"),
    ("800000", "4000000", "0.02", "25"),
)
AVAX = table(
    ("0", "5000", "0.005", "75"),
    ("5000", "25000", "0.0065", "50"),
    ("25000", "80000", "0.01", "40"),
    ("80000", "400000", "0.02", "25"),
)
UNI = table(
    ("0", "10000", "0.006", "75"),
    ("10000", "50000", "0.01", "50"),
    ("50000", "80000", "0.015", "40"),
    ("80000", "300000", "0.02", "25"),
)
AAVE = table(
    ("0", "10000", "0.01", "75"),
    ("10000", "40000", "0.015", "50"),
    ("40000", "200000", "0.02", "25"),
    ("200000", "400000", "0.025", "20"),
)


@pytest.mark.parametrize(
    ("tiers", "amounts"),
    [
        (ETH, ["0", "50", "950", "11450", "131450"]),
        (SOL, ["0", "30", "380", "8380"]),
        (AVAX, ["0", "7.5", "95", "895"]),
        (UNI, ["0", "40", "290", "690"]),
        (AAVE, ["0", "50", "250", "1250"]),
    ],
)
def test_the_recursion_gives_the_published_maintenance_amounts(tiers: tuple[MarginTier, ...], amounts: list[str]) -> None:
    assert [t.amount for t in tiers] == [D(a) for a in amounts]


def test_maintenance_margin_of_binance_faq() -> None:
    """Binance FAQ b3c689c1: level 3 amount 250,000 * (1 % - 0.5 %) + 50 = 1,300; MM(500,000) = 3,700."""
    tiers = table(("0", "50000", "0.004", "125"), ("50000", "250000", "0.005", "100"), ("250000", "1000000", "0.01", "50"))
    assert tiers[2].amount == 1300
    assert margin.tier_of(D(264000), tiers).rate == D("0.01")
    assert margin.maintenance_margin(D(500000), tiers) == 3700


def test_maintenance_margin_of_bybit_parameters() -> None:
    """Bybit margin-parameters, XYZUSDT: 3,500 over four tiers is 20 + 25 + 30 + 17.5 = 92.5."""
    tiers = table(
        ("0", "1000", "0.02", "50"),
        ("1000", "2000", "0.025", "40"),
        ("2000", "3000", "0.03", "33"),
        ("3000", "4000", "0.035", "28"),
        ("4000", "5000", "0.04", "25"),
    )
    assert [t.amount for t in tiers] == [0, 5, 15, 30, 50]
    assert margin.maintenance_margin(D(3500), tiers) == D("92.5")


def test_liquidation_price_of_binance_cross_example() -> None:
    """freqtrade tests/exchange/test_binance.py, citing the Binance FAQ."""
    wallet = D("1535443.01")
    eth = (LONG, D("3683.979"), D("1456.84"), wallet, flat("0.1", "135365"))
    alone = margin.liquidation_price(*eth)
    btc_maintenance = D("109.488") * D("31967.27") * D("0.025") - 16300
    btc_pnl = margin.unrealised_pnl(LONG, D("109.488"), D("32481.98"), D("31967.27"))
    cross = margin.liquidation_price(*eth, other_maintenance=btc_maintenance, other_pnl=btc_pnl)
    assert alone is not None
    assert cross is not None
    assert btc_maintenance == D("71200.811444")
    assert btc_pnl == D("-56354.56848")
    assert abs(alone - D("1114.78")) < D("0.005")
    assert abs(cross - D("1153.26")) < D("0.005")


@pytest.mark.parametrize(
    ("side", "leverage", "entry", "quantity", "expected"),
    [
        (SHORT, 5, 10, "1", "11.89108910891089"),
        (SHORT, 3, 10, "1", "13.211221122079207"),
        (SHORT, 5, 8, "1", "9.514851485148514"),
        (LONG, 5, 10, "1", "8.070707070707071"),
        (LONG, 5, 8, "1", "6.454545454545454"),
        (LONG, 3, 10, "1", "6.723905723905723"),
        (LONG, 5, 10, "0.6", "8.063973063973064"),
        (SHORT, 5, 10, "0.6", "11.897689768976898"),
    ],
)
def test_liquidation_price_of_isolated_positions(side: Side, leverage: int, entry: int, quantity: str, expected: str) -> None:
    """freqtrade tests/exchange/test_exchange.py with maintenance rate .01 and amount .01."""
    wallet = D(quantity) * entry / leverage
    price = margin.liquidation_price(side, D(quantity), D(entry), wallet, flat("0.01", "0.01"))
    assert price is not None
    assert abs(price - D(expected)) < D("1e-8")


@pytest.mark.parametrize(
    ("side", "entry", "leverage", "rate", "extra", "expected"),
    [
        (LONG, "20000", 50, "0.005", "0", "19700"),
        (SHORT, "20000", 50, "0.005", "3000", "23300"),
        (LONG, "20000", 50, "0.005", "-200", "19900"),
        (LONG, "10000", 50, "0.005", "0", "9850"),
        (SHORT, "8000", 40, "0.005", "0", "8160"),
        (LONG, "10", 5, "0.01", "0", "8.1"),
        (LONG, "10", 10, "0.01", "0", "9.1"),
        (SHORT, "10", 5, "0.01", "0", "11.9"),
    ],
)
def test_liquidation_price_with_maintenance_at_entry(
    side: Side, entry: str, leverage: int, rate: str, extra: str, expected: str
) -> None:
    """Bybit help, Liquidation Price (USDT Contract); the last three from freqtrade's Bybit tests."""
    price = margin.entry_margin_liquidation_price(side, D(1), D(entry), D(leverage), D(rate), extra_margin=D(extra))
    assert price == D(expected)


@pytest.mark.parametrize(("side", "expected"), [(SHORT, "11.87413417771621"), (LONG, "8.085708510208207")])
def test_liquidation_price_with_the_fee_as_maintenance(side: Side, expected: str) -> None:
    """freqtrade test_exchange.py (Gate, OKX): 5x at 10, rate .01, taker fee .0006."""
    price = margin.fee_margin_liquidation_price(side, D(1), D(10), D(2), D("0.01"), D("0.0006"))
    assert abs(price - D(expected)) < D("1e-12")


@pytest.mark.parametrize(
    ("tiers", "side", "quantity", "entry", "leverage", "expected"),
    [
        (ETH, SHORT, "2.5", 4000, 2, "5976.0956"),
        (ETH, SHORT, "2.5", 4000, 1, "7968.1275"),
        (UNI, LONG, "2500", 10, 2, "5.0343"),
        (UNI, LONG, "2500", 10, 3, "6.7178"),
        (UNI, LONG, "1250", 10, 2, "5.0302"),
        (AAVE, LONG, "100", 250, 2, "126.3959"),
        (AAVE, LONG, "100", 250, 3, "168.6971"),
        (AAVE, LONG, "50", 250, 2, "126.2626"),
    ],
)
def test_liquidation_price_takes_the_tier_at_liquidation(
    tiers: tuple[MarginTier, ...], side: Side, quantity: str, entry: int, leverage: int, expected: str
) -> None:
    """The worked example with the brackets above, checked against bisection; UNI at its entry tier would give 5.0182."""
    wallet = D(quantity) * entry / leverage
    price = margin.liquidation_price(side, D(quantity), D(entry), wallet, tiers)
    assert price is not None
    assert abs(price - D(expected)) <= D("0.00005")


def test_a_fully_paid_long_has_no_liquidation_price() -> None:
    assert margin.liquidation_price(LONG, D(1), D(100), D(101), flat("0.01")) is None


def test_unknown_tiers_give_no_liquidation_price() -> None:
    assert margin.liquidation_price(LONG, D(1), D(100), D(50), ()) is None


@given(
    side=st.sampled_from(Side),
    quantity=st.decimals("0.001", "100000", places=3),
    entry=st.decimals("0.01", "5000", places=2),
    leverage=st.integers(1, 20),
    tiers=st.sampled_from([ETH, SOL, AVAX, UNI, AAVE]),
)
def test_equity_equals_maintenance_margin_at_the_liquidation_price(
    side: Side, quantity: Decimal, entry: Decimal, leverage: int, tiers: tuple[MarginTier, ...]
) -> None:
    wallet = margin.initial_margin(quantity, entry, D(leverage))
    price = margin.liquidation_price(side, quantity, entry, wallet, tiers)
    assume(price is not None)
    assert price is not None
    equity = wallet + margin.unrealised_pnl(side, quantity, entry, price)
    assert abs(equity - margin.maintenance_margin(quantity * price, tiers)) < D("1e-9")
    back = margin.margin_for_liquidation_at(side, quantity, entry, price, tiers)
    assert abs(back - wallet) < D("1e-9")


@given(notional=st.decimals("0", "500000", places=2), more=st.decimals("0", "500000", places=2))
def test_maintenance_margin_rises_without_a_jump(notional: Decimal, more: Decimal) -> None:
    step = margin.maintenance_margin(notional + more, UNI) - margin.maintenance_margin(notional, UNI)
    assert 0 <= step <= more * UNI[-1].rate


def test_buffered_liquidation_price_of_freqtrade() -> None:
    """freqtrade docs/leverage.md and test_get_liquidation_price1: buffer 5 %."""
    assert margin.buffered_liquidation_price(D(10), D(8), D("0.05")) == D("8.1")
    assert margin.buffered_liquidation_price(D("18.884"), D("17.47"), D("0.05")) == D("17.5407")


@pytest.mark.parametrize(
    ("side", "quantity", "entry", "mark", "expected"),
    [
        (LONG, "0.2", "7000", "7500", "100"),
        (SHORT, "0.4", "6000", "5000", "400"),
        (LONG, "12", "10500", "10510", "120"),
        (LONG, "10", "10500", "10480.50", "-195"),
        (SHORT, "10.15", "10500", "10390", "1116.50"),
        (SHORT, "10", "10500", "10670.50", "-1705"),
    ],
)
def test_profit_and_loss(side: Side, quantity: str, entry: str, mark: str, expected: str) -> None:
    """Bybit P&L (USDT contract); NautilusTrader tests/unit_tests/model/test_position.py."""
    assert margin.unrealised_pnl(side, D(quantity), D(entry), D(mark)) == D(expected)


def test_closed_profit_takes_off_both_fees_and_funding() -> None:
    """Bybit P&L: short 0.4 from 6,000 to 5,000, fees .055 % (1.32 and 1.10), funding 2.10 paid."""
    assert margin.closed_pnl(SHORT, D("0.4"), D(6000), D(5000), fee_rate=D("0.00055"), funding_paid=D("2.10")) == D("395.48")


def test_average_entry_price() -> None:
    """Bybit P&L: 0.5 at 5,000 and 0.3 at 6,000 average 5,375."""
    assert margin.average_entry([(D("0.5"), D(5000)), (D("0.3"), D(6000))]) == 5375


def test_return_on_margin_of_bybit() -> None:
    """Bybit P&L: 100 / (140 + 0.693) = 71.07 % (truncated in the source)."""
    assert str(margin.return_on_margin(D(100), D(140), D("0.693")) * 100).startswith("71.07")


@pytest.mark.parametrize(
    ("notional", "rate", "times", "paid"),
    [("20000", "0.0001", 3, "6"), ("10000", "0.0001", 1, "1"), ("20000", "0.00005", 1, "1"), ("10000", "0.001", 9, "90")],
)
def test_a_long_pays_positive_funding_and_a_short_receives_it(notional: str, rate: str, times: int, paid: str) -> None:
    """Venues' own examples, the last one over three days."""
    assert margin.funding_payment(LONG, D(1), D(notional), D(rate)) * times == -D(paid)
    assert margin.funding_payment(SHORT, D(1), D(notional), D(rate)) * times == D(paid)


@pytest.mark.parametrize(
    ("rate", "hours", "in_8h", "simple", "compounded"),
    [
        ("0.0001", 8, "0.0001", "0.1095", "0.115714"),
        ("0.0000125", 1, "0.0001", "0.1095", "0.115719"),
        ("0.00005", 4, "0.0001", "0.1095", "0.115717"),
        ("0.0005", 8, "0.0005", "0.5475", "0.728689"),
    ],
)
def test_annualised_funding(rate: str, hours: int, in_8h: str, simple: str, compounded: str) -> None:
    """Hyperliquid publishes the compounded figure (11.6 %), others the simple one."""
    assert margin.per_8h(D(rate), D(hours)) == D(in_8h)
    assert margin.annualised_funding(D(rate), D(hours)) == D(simple)
    assert abs(margin.annualised_funding(D(rate), D(hours), compounded=True) - D(compounded)) < D("5e-7")


def test_funding_rate_is_clamped_around_the_premium() -> None:
    """Hyperliquid docs: premium 1 %, interest .01 % gives .95 % for 8 hours and .11875 % an hour."""
    assert margin.funding_rate(D("0.01"), D("0.0001")) == D("0.0095")
    assert margin.funding_rate(D("0.01"), D("0.0001"), interval_hours=D(1)) == D("0.0011875")


@pytest.mark.parametrize(
    ("side", "rate", "change"), [(LONG, "0.0001", "0.003102"), (SHORT, "0.0001", "0.001099"), (LONG, "0.0005", "0.011506")]
)
def test_break_even_after_a_week_of_funding(side: Side, rate: str, change: str) -> None:
    """Taker fee .05 %, 21 prints: a short gains even if the price rises by .11 %."""
    price = margin.break_even_price(side, D(100), D("0.0005"), D(rate) * 21)
    assert abs(price / 100 - 1 - D(change)) < D("5e-7")


@given(
    side=st.sampled_from(Side),
    entry=st.decimals("0.01", "50000", places=2),
    fee=st.decimals("0", "0.01", places=5),
    funding=st.decimals("-0.05", "0.05", places=5),
)
def test_a_round_trip_at_break_even_earns_nothing(side: Side, entry: Decimal, fee: Decimal, funding: Decimal) -> None:
    price = margin.break_even_price(side, entry, fee, funding)
    paid = side.sign * funding * entry
    assert abs(margin.closed_pnl(side, D(1), entry, price, fee_rate=fee, funding_paid=paid)) < D("1e-15")


def test_hedge_ratios() -> None:
    """The blueprint's hedge is 10,000 over 40,000 of spot; minimum variance after Hull, chapter 3: .8 * .65 / .81 = .642."""
    assert margin.hedge_ratio(D(10000), D(40000)) == D("0.25")
    assert margin.hedge_ratio(D(0), D(0)) == 0
    assert margin.hedge_ratio(D(1), D(0)).is_infinite()
    assert round(margin.minimum_variance_hedge_ratio(D("0.8"), D("0.65"), D("0.81")), 3) == D("0.642")
    assert margin.beta_hedge_notional(D(40000), D("1.25"), D(1)) == 10000


def test_shock_equity_of_the_worked_example() -> None:
    """UNI 25,000 long, -30 %: at 2x equity 5,000 against 135 of maintenance margin, at 3x 833.33."""
    two, three = D(12500), D("8333.33333334")
    assert margin.shock_equity(LONG, D(2500), D(10), two, D(10), D("0.30")) == 5000
    assert abs(margin.shock_equity(LONG, D(2500), D(10), three, D(10), D("0.30")) - D("833.33")) < D("0.01")
    assert margin.maintenance_margin(D(2500) * 7, UNI) == 135
    assert margin.shock_top_up(LONG, D(2500), D(10), two, D(10), D("0.30"), UNI) == 0
    assert margin.shock_top_up(LONG, D(2500), D(10), D(7500), D(10), D("0.30"), UNI) == 135


def test_quantity_from_stop() -> None:
    """NautilusTrader FixedRiskSizer: 1,000,000 at .1 % and a stop of .001; and USD/JPY with a commission of .02 %."""
    assert margin.quantity_from_stop(D(1000000), D("0.001"), D("1.001"), D(1)) == 1000000
    yen = margin.quantity_from_stop(D(1000000), D("0.01"), D("107.703"), D("107.403"), fee_rate=D("0.0002")) * D("107.403")
    assert yen // 1000 * 1000 == 3578000


def test_effective_leverage_and_return() -> None:
    assert margin.effective_leverage(D(35000), D(17500)) == 2
    assert margin.effective_leverage(D(0), D(0)) == 0


def test_stop_stands_well_before_liquidation_in_the_worked_example() -> None:
    """ETH short 2x: stop 12 % above entry, liquidation 49.4 % above."""
    ratio = margin.stop_liquidation_ratio(D(4000), D(4480), D("5976.0956"))
    assert round(ratio, 3) == D("0.243")
    assert round(margin.liquidation_move(D(4000), D("5976.0956")), 4) == D("0.4940")


def test_every_machine_readable_oracle(shared_oracles: Path) -> None:
    """The copied numbers above are those of the file that the formulas were specified with."""
    data = json.loads(shared_oracles.read_text(), parse_float=Decimal, parse_int=Decimal)
    side = {1: LONG, -1: SHORT}
    small = data["binance_liq_small"]
    tiers: tuple[MarginTier, ...] = (MarginTier(D(0), None, small["mmr"], D(125), small["cum"]),)
    for case in small["cases"]:
        wallet = case["q"] * case["ep"] / case["L"]
        price = margin.liquidation_price(side[int(case["side"])], case["q"], case["ep"], wallet, tiers)
        assert price is not None
        assert abs(price - case["lp"]) < D("1e-8")
    for case in data["bybit_liq_entry_mm"]["cases"]:
        found = margin.entry_margin_liquidation_price(
            side[int(case["side"])], case["q"], case["ep"], case["L"], case["mmr"], extra_margin=case["extra"]
        )
        assert found == case["lp"]
    for case in data["maintenance"]["cases"]:
        tiers = tuple(MarginTier(a, b, c, D(1), amount) for a, b, c, amount in case["tiers"])
        assert margin.maintenance_margin(case["notional"], tiers) == case["mm"]
    tables = data["tiers_binance_oct2024"]
    for case in data["own_liq"]["cases"]:
        tiers = tuple(MarginTier(*row) for row in tables[case["sym"]])
        wallet = case["q"] * case["ep"] / case["L"]
        price = margin.liquidation_price(side[int(case["side"])], case["q"], case["ep"], wallet, tiers)
        assert price is not None
        assert abs(price - case["lp"]) <= D("0.00005")
    for case in data["pnl"]["cases"]:
        assert margin.unrealised_pnl(side[int(case["side"])], case["q"], case["ep"], case["x"]) == case["pnl"]
    fills = data["pnl"]["avg_entry"]
    assert margin.average_entry([(q, p) for q, p in fills["fills"]]) == fills["ep"]
    for case in data["funding"]["cases"]:
        assert margin.annualised_funding(case["r"], case["h"]) == case["simple"]
        compounded = margin.annualised_funding(case["r"], case["h"], compounded=True)
        assert abs(compounded - case["compound"]) < D("1e-6")
    for case in data["funding"]["payments"]:
        assert -margin.funding_payment(LONG, D(1), case["notional"], case["r"]) * case["n"] == case["paid_by_long"]
    for case in data["funding"]["clamp"]:
        assert margin.funding_rate(case["P"], case["I"]) == case["F8"]
    for case in data["liq_buffer"]["cases"]:
        assert margin.buffered_liquidation_price(case["ep"], case["lp"], case["buf"]) == case["out"]
    book = data["book"]
    bought = walk_levels([(p, s) for p, s in book["asks"]], D(12))
    assert [list(fill) for fill in bought] == book["buy12"]["fills"]
    assert [list(fill) for fill in walk_levels([(p, s) for p, s in book["bids"]], D(7))] == book["sell7"]
