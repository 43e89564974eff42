"""The worst case of a step is what the ledger itself books when its stop is hit, and no better fill is ever worse."""

from datetime import UTC, datetime
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from cockpit.execution.worst_case import worst_case
from cockpit.files.settings import load_risk_settings, load_universe
from cockpit.model import ledger
from cockpit.model.book import Account, Book, Side
from cockpit.model.instruments import Instrument, Kind, MarginTier, asset_of, kind_of, perp_symbol, spot_symbol
from cockpit.model.market import Level, MarketLabel, MarketSnapshot, Quote
from cockpit.model.picture import Hazard, WorstCase
from cockpit.model.plan import Action, State, Step, Wallet

D = Decimal
NOON = datetime(2021, 8, 20, 12, tzinfo=UTC)
SETTINGS, UNIVERSE = load_risk_settings(), load_universe()
NAV = D(100_000)
STATE = State(cash=D(0), futures_wallet=D(0), margin_used=D(0), nav=NAV, gross_futures_notional=D(0))
UNIT = D("0.00000005")
"""Half of the wallet's smallest unit for each of the few amounts that are rounded, and some."""


def market(mark: Decimal, asset: str = "ETH", *, depth: Decimal | None = None, worse: str = "0") -> MarketSnapshot:
    """One asset; pinned without a depth, else one level of `depth` on each side, `worse` away from mark as a fraction."""
    quotes, instruments = {}, {}
    for symbol in (spot_symbol(asset), perp_symbol(asset)):
        bid, ask = mark * (1 - D(worse)), mark * (1 + D(worse))
        bids, asks = ((), ()) if depth is None else ((Level(bid, depth),), (Level(ask, depth),))
        quotes[symbol] = Quote(symbol=symbol, mark=mark, bid=bid, ask=ask, at=NOON, bids=bids, asks=asks, pinned=depth is None)
        instruments[symbol] = Instrument(
            symbol=symbol,
            asset=asset_of(symbol),
            kind=kind_of(symbol),
            tick=D("0.01"),
            lot=D("0.001"),
            min_notional=D(5),
            tiers=(MarginTier(D(0), None, D("0.004"), D(125), D(0)),) if kind_of(symbol) is Kind.PERP else (),
        )
    return MarketSnapshot(
        source="test", label=MarketLabel.SIMULATED, as_of=NOON, quotes=quotes, instruments=instruments, funding={}
    )


def book(*, held: tuple[Side, Decimal, Decimal] | None = None) -> Book:
    """Plenty of USDT in both wallets, and perhaps a position (side, quantity, entry)."""
    account = Account(id="main", venue="paper", spot={"USDT": D(10**9)}, futures_wallet=D(10**9))
    if held is not None:
        side, quantity, entry = held
        account = ledger.open_position(account, "ETH", side, quantity, entry, D(2), D(0))
    return Book(name="test", accounts=(account,))


def opening(side: Side, quantity: Decimal, limit: Decimal, stop: Decimal) -> Step:
    return Step(
        number=1,
        id="s1",
        action=Action.OPEN_LONG if side is Side.LONG else Action.OPEN_SHORT,
        account="main",
        venue="paper",
        symbol="ETH/USDT:USDT",
        asset="ETH",
        quantity=quantity,
        price=limit,
        expected_price=limit,
        leverage=D(2),
        stop_price=stop,
        reason="",
        after=STATE,
    )


def judged(step: Step, prices: MarketSnapshot, held: Book | None = None) -> WorstCase:
    return worst_case(step, held or book(), prices, UNIVERSE, SETTINGS, NAV)


def booked_loss(account: Account, step: Step, fill: Decimal, closing: Decimal, mark: Decimal) -> Decimal:
    """What the futures side loses, by the ledger, when the step fills at `fill` and the whole position closes at `closing`."""
    assert step.asset is not None
    assert step.leverage is not None
    side = Side.LONG if step.action is Action.OPEN_LONG else Side.SHORT
    fee = SETTINGS.fees.perp_taker
    before = account.futures_wallet + sum((p.unrealised_pnl(mark) for p in account.positions), D(0))
    opened = ledger.open_position(account, step.asset, side, step.quantity, fill, step.leverage, step.quantity * fill * fee)
    position = opened.position(step.asset)
    assert position is not None
    closed = ledger.reduce_position(opened, step.asset, position.quantity, closing, position.quantity * closing * fee)
    return before - closed.futures_wallet


def test_the_hedge_of_the_worked_example() -> None:
    """Short 2.5 ETH at 4,000, stop 4,480: 2.5 × 480 = 1,200; 30 bps of 11,200 = 33.60; fees 5 bps of 10,000 and 11,233.60."""
    found = judged(opening(Side.SHORT, D("2.5"), D(4000), D(4480)), market(D(4000)))
    assert (found.hazard, found.move, found.entry_fee, found.slippage) == (Hazard.STOP, D(1200), D(5), D("33.6"))
    assert found.closing_fee == D("5.6168")
    assert found.loss == D("1244.2168")
    assert found.share == D("0.012442168")
    assert (found.book_bps, found.whole) == (None, None)


SIDES = st.sampled_from([Side.LONG, Side.SHORT])
QUANTITIES = st.decimals("0.001", "50", places=3)
MARKS = st.decimals("10", "9000", places=2)
FRACTIONS = st.decimals("0", "1", places=4)


@given(SIDES, QUANTITIES, MARKS, FRACTIONS, FRACTIONS, st.decimals("0.02", "0.15", places=3))
def test_no_fill_within_the_limit_and_no_close_within_the_slippage_loses_more(
    side: Side, quantity: Decimal, mark: Decimal, better: Decimal, kinder: Decimal, distance: Decimal
) -> None:
    limit = mark * (1 + side.sign * D("0.003"))
    stop = mark * (1 - side.sign * distance)
    step = opening(side, quantity, limit, stop)
    found = judged(step, market(mark))
    slipped = stop * found.slippage_bps / 10_000
    fill = limit - side.sign * better * mark * D("0.006")
    closing = stop - side.sign * kinder * slipped
    (account,) = book().accounts
    assert booked_loss(account, step, fill, closing, mark) <= found.loss + UNIT
    worst = booked_loss(account, step, limit, stop - side.sign * slipped, mark)
    assert abs(worst - found.loss) <= 4 * UNIT


@given(SIDES, QUANTITIES, QUANTITIES, MARKS, st.decimals("0.8", "1.2", places=3))
def test_a_grown_position_loses_as_a_whole_what_the_ledger_books(
    side: Side, quantity: Decimal, grown: Decimal, mark: Decimal, entry: Decimal
) -> None:
    stop = mark * (1 - side.sign * D("0.1"))
    step = opening(side, quantity, mark, stop)
    held = book(held=(side, grown, mark * entry))
    found = judged(step, market(mark), held)
    closing = stop * (1 - side.sign * found.slippage_bps / 10_000)
    (account,) = held.accounts
    assert found.whole is not None
    # The ledger keeps the average entry to 12 places, so the sum may differ by that much for every unit held.
    assert abs(booked_loss(account, step, mark, closing, mark) - found.whole) <= D("0.000001")


def test_a_thin_book_slips_more_than_the_limit_allows_for() -> None:
    step = opening(Side.LONG, D(1), D(4000), D(3600))
    assert judged(step, market(D(4000), depth=D(5), worse="0.0004")).slippage_bps == 30
    thin = judged(step, market(D(4000), depth=D(5), worse="0.0045"))
    assert (thin.slippage_bps, thin.book_bps) == (D(45), D(45))
    shown = judged(step, market(D(4000), depth=D("0.5")))
    assert (shown.slippage_bps, shown.book_bps) == (D(30), None)


def test_a_purchase_of_spot_falls_by_its_sectors_shock() -> None:
    """1,000 UNI bought at a limit of 10.03, mark 10: 30 % down they are worth 7,000; the fee is 10 bps of 10,030."""
    step = replace(opening(Side.LONG, D(1000), D("10.03"), D(0)), action=Action.BUY, symbol="UNI/USDT", asset="UNI")
    found = judged(replace(step, stop_price=None, leverage=None), market(D(10), "UNI"))
    assert (found.hazard, found.shock) == (Hazard.SHOCK, SETTINGS.limits.shock_defi)
    assert (found.move, found.entry_fee, found.closing_fee, found.slippage) == (D(3030), D("10.03"), D(0), D(0))
    assert found.loss == D("3040.03")


def test_what_opens_nothing_risks_nothing() -> None:
    transfer = replace(
        opening(Side.LONG, D(100), D(1), D(1)), action=Action.TRANSFER, source=Wallet.SPOT, destination=Wallet.FUTURES
    )
    reducing = replace(opening(Side.LONG, D(1), D(4000), D(1)), action=Action.REDUCE_SHORT)
    for step in (transfer, reducing, replace(reducing, action=Action.SELL)):
        assert judged(step, market(D(4000))) == WorstCase()
