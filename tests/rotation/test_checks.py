"""At the moment of sending, each rule refuses on its own and by its name; a sound step passes."""

from datetime import timedelta
from decimal import Decimal

import pytest
from msgspec.structs import replace

from cockpit.model.assets import Sector
from cockpit.model.book import Account, Position, Side
from cockpit.model.market import Level, MarketSnapshot
from cockpit.model.plan import Action, Step, Wallet
from cockpit.rotation.checks import TradingState, order_refusals, trading_state
from tests.rotation.evaluate import applied
from tests.rotation.worlds import NOW, D, hundred_thousand, make, pinned, settings

LIMITS = settings().limits
STEPS = make(hundred_thousand(), preset="reconciled").steps
TRANSFER, SHORT = STEPS[0], STEPS[1]
EMPTY = hundred_thousand().accounts[0]
FUNDED = applied(EMPTY, TRANSFER)


def rules(
    step: Step = SHORT,
    account: Account = FUNDED,
    market: MarketSnapshot | None = None,
    state: TradingState = TradingState.ACTIVE,
    seconds: int = 0,
    **more: object,
) -> list[str]:
    """The names of the rules that refuse a step of the worked example."""
    now = NOW + timedelta(seconds=seconds)
    found = order_refusals(
        step,
        account,
        market or pinned(),
        LIMITS,
        now,
        state,
        sector=Sector.L1,
        nav=D(100000),
        quoted_at=NOW,
        sent=more.get("sent", ()),  # type: ignore[arg-type]
    )
    assert all(refusal.message for refusal in found)
    return [refusal.rule for refusal in found]


def live(bid: str = "3999", ask: str = "4001", size: str = "100", mark: str = "4000") -> MarketSnapshot:
    """The market with a moving book of ETH's perpetual."""
    market = pinned()
    quote = replace(
        market.quotes["ETH/USDT:USDT"],
        mark=D(mark),
        bid=D(bid),
        ask=D(ask),
        bids=(Level(D(bid), D(size)),),
        asks=(Level(D(ask), D(size)),),
        pinned=False,
    )
    return replace(market, quotes={**market.quotes, quote.symbol: quote})


def test_every_step_of_the_worked_example_may_be_sent_in_its_turn() -> None:
    account = EMPTY
    for step in STEPS:
        assert rules(step, account) == []
        account = applied(account, step)


def test_a_step_is_sent_once() -> None:
    assert rules(sent={SHORT.id}) == ["duplicate"]


def test_an_order_needs_its_money() -> None:
    assert rules(account=EMPTY) == ["funds"]
    assert rules(replace(TRANSFER, quantity=D(35001)), EMPTY) == ["funds"]
    buy = replace(SHORT, action=Action.BUY, symbol="ETH/USDT", quantity=D(9), leverage=None, stop_price=None)
    assert "funds" in rules(buy, EMPTY)
    assert "funds" in rules(replace(buy, action=Action.SELL, quantity=D(11)), EMPTY)


def test_a_step_belongs_to_its_account() -> None:
    assert rules(account=replace(FUNDED, id="other")) == ["account"]


@pytest.mark.parametrize(
    ("state", "action", "allowed"),
    [
        (TradingState.ACTIVE, Action.OPEN_LONG, True),
        (TradingState.REDUCING, Action.OPEN_LONG, False),
        (TradingState.REDUCING, Action.OPEN_SHORT, False),
        (TradingState.REDUCING, Action.BUY, False),
        (TradingState.REDUCING, Action.SELL, True),
        (TradingState.REDUCING, Action.REDUCE_LONG, True),
        (TradingState.HALTED, Action.SELL, False),
        (TradingState.HALTED, Action.REDUCE_SHORT, True),
        (TradingState.HALTED, Action.SET_STOP, True),
        (TradingState.HALTED, Action.ADD_MARGIN, True),
    ],
)
def test_a_trading_state_lets_through_what_it_should(state: TradingState, action: Action, allowed: bool) -> None:
    assert state.allows(replace(SHORT, action=action)) is allowed
    assert ("trading_state" not in rules(replace(SHORT, action=action), state=state)) is allowed


def test_collateral_comes_home_while_reducing_and_goes_nowhere_else() -> None:
    home = replace(TRANSFER, source=Wallet.FUTURES, destination=Wallet.SPOT, quantity=D(1))
    assert rules(home, state=TradingState.REDUCING) == []
    assert rules(TRANSFER, EMPTY, state=TradingState.REDUCING) == ["trading_state"]


@pytest.mark.parametrize(
    ("nav", "state"),
    [
        ("100000", TradingState.ACTIVE),
        ("97001", TradingState.ACTIVE),
        ("97000", TradingState.REDUCING),
        ("95001", TradingState.REDUCING),
        ("95000", TradingState.HALTED),
        ("0", TradingState.HALTED),
    ],
)
def test_the_days_loss_narrows_what_may_be_sent(nav: str, state: TradingState) -> None:
    """-3 % since 00:00 UTC reduces, -5 % halts."""
    assert trading_state(D(nav), D(100000), LIMITS) is state
    assert trading_state(D(nav), D(0), LIMITS) is TradingState.HALTED


def test_quotes_and_plans_grow_old_but_pinned_prices_do_not() -> None:
    assert rules(market=live(bid="4000"), seconds=10) == []
    assert rules(market=live(bid="4000"), seconds=11) == ["quote_age_max_s"]
    assert rules(market=live(bid="4000"), seconds=61) == ["quote_age_max_s", "plan_age_max_s"]
    assert rules(seconds=3600) == []


def test_a_symbol_without_a_quote_is_not_traded() -> None:
    assert rules(replace(SHORT, symbol="ZZZ/USDT:USDT")) == ["quote_age_max_s"]


def test_a_reduce_only_order_never_grows_or_flips_a_position() -> None:
    held = Position(asset="ETH", side=Side.LONG, quantity=D(1), entry_price=D(4000), margin=D(2000), stop_price=D(3520))
    account = replace(FUNDED, positions=(held,))
    reduce = replace(SHORT, action=Action.REDUCE_LONG, quantity=D(1), leverage=None, stop_price=None)
    assert rules(reduce, account) == []
    assert rules(replace(reduce, quantity=D("1.5")), account) == ["reduce_only"]
    assert rules(replace(reduce, action=Action.REDUCE_SHORT), account) == ["reduce_only"]
    assert rules(reduce) == ["reduce_only"]
    assert "one_way" in rules(account=account)
    assert rules(replace(reduce, action=Action.SET_STOP)) == ["reduce_only"]


def test_no_position_is_opened_without_a_working_stop() -> None:
    assert rules(replace(SHORT, stop_price=None)) == ["stop_distance_l1"]
    assert rules(replace(SHORT, stop_price=D(3990))) == ["stop_distance_l1"]
    assert rules(replace(SHORT, stop_price=D(6000))) == ["stop_distance_l1"]


def test_prices_and_quantities_fit_the_venue() -> None:
    assert rules(replace(SHORT, price=D("4000.05"))) == ["filters", "limit_price"]
    assert rules(replace(SHORT, quantity=D("2.50001"))) == ["filters"]
    assert rules(replace(SHORT, quantity=D("0.0012"))) == ["filters"]
    assert rules(replace(SHORT, price=D(0))) == ["filters"]
    market = pinned()
    few = replace(market.instruments["ETH/USDT:USDT"], min_quantity=D(3))
    few_market = replace(market, instruments=market.instruments | {"ETH/USDT:USDT": few})
    assert rules(market=few_market) == ["filters"]


def test_an_order_is_not_too_large_nor_its_leverage_too_high() -> None:
    assert rules(replace(SHORT, quantity=D(4), margin=D(10))) == ["order_notional_max"]
    assert rules(replace(SHORT, leverage=D(4))) == ["leverage_max"]


def test_a_limit_stays_in_its_collar() -> None:
    """1 % for L1."""
    assert rules(replace(SHORT, price=D(3960))) == []
    assert rules(replace(SHORT, price=D("3959.9"))) == ["collar_l1"]


def test_the_book_must_carry_the_order_within_limit_and_slippage() -> None:
    near = replace(SHORT, price=D(3990))
    assert rules(near, market=live()) == []
    assert rules(near, market=live(size="2")) == ["slippage_max_bps"]
    assert rules(near, market=live(bid="3985")) == ["slippage_max_bps", "limit_price"]
    assert rules(near, market=live(bid="3989")) == ["limit_price"]


def test_refusals_are_sentences_with_both_numbers() -> None:
    found = order_refusals(SHORT, EMPTY, pinned(), LIMITS, NOW, sector=Sector.L1)
    assert [refusal.message for refusal in found] == ["the futures wallet has 0.00 USDT free, 5,005.00 is needed"]
    assert Decimal("5005") == SHORT.margin + SHORT.fee  # type: ignore[operator]
