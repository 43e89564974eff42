"""Plans of every shape for the tests of the plan file, made without a planner."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from cockpit.model.assets import Sector
from cockpit.model.exposure import SectorExposure
from cockpit.model.instruments import perp_symbol, spot_symbol
from cockpit.model.plan import (
    Action,
    Check,
    CheckKind,
    Cost,
    CostKind,
    Plan,
    PlanBook,
    PlanHead,
    PlanMarket,
    PlanTarget,
    Skipped,
    State,
    Step,
    Wallet,
)
from cockpit.model.strategy import Fees, Limits, Mode

D = Decimal
START = State(
    cash=D(35000), futures_wallet=D(0), margin_used=D(0), nav=D(100000), gross_futures_notional=D(0),
    sectors={Sector.L1: SectorExposure(spot=D(40000), futures=D(0), net=D(40000), weight=D("0.4"))},
)  # fmt: skip


def limits() -> Limits:
    return Limits(**{name: D("0.5") for name in Limits.__struct_fields__})


def plan(*steps: Step, **changes: Any) -> Plan:
    """A plan of these steps."""
    values: dict[str, Any] = {
        "schema": 1,
        "plan": PlanHead(
            id="a1b2",
            created_at=datetime(2021, 8, 20, tzinfo=UTC),
            strategy="B",
            preset="reconciled",
            mode=Mode.OVERLAY,
            phase="B",
        ),
        "book": PlanBook(name="Hundred thousand", revision=3, nav=D(100000), fingerprint="f00d"),
        "market": PlanMarket(source="simulated seed 7", as_of=datetime(2021, 8, 20, tzinfo=UTC)),
        "fees": Fees(spot_taker=D("0.001"), spot_maker=D("0.001"), perp_taker=D("0.0005"), perp_maker=D("0.0002")),
        "limits": limits(),
        "target": PlanTarget(base=D(100000), L1=D("0.3"), DEFI=D("0.5"), STABLE=D("0.2")),
        "start": START,
        "steps": steps,
        "end": START,
    }
    return Plan(**(values | changes))


TRANSFER = Step(
    number=1, id="a1b2-1", action=Action.TRANSFER, account="main", venue="paper", source=Wallet.SPOT, destination=Wallet.FUTURES,
    quantity=D(5005), reason="margin of the next step", after=START,
)  # fmt: skip
SHORT = Step(
    number=2, id="a1b2-2", action=Action.OPEN_SHORT, account="main", venue="paper", symbol="ETH/USDT:USDT", asset="ETH",
    quantity=D("2.5"), price=D(4000), expected_price=D(4000), slippage_bps=D(0), notional=D(10000), leverage=D(2), margin=D(5000),
    fee=D(5), stop_price=D(4480), liquidation_price=D("5976.0956"), reason="hedge 25 % of L1 spot", after=START,
)  # fmt: skip

_text = st.text(st.characters(min_codepoint=32, max_codepoint=0x24F, exclude_categories=["Cc", "Cf", "Mn"]), max_size=30).filter(
    lambda t: "\xad" not in t
)
_any = st.decimals(-(10**12), 10**12, allow_nan=False, allow_infinity=False, places=8)
_above = st.decimals(D("0.00000001"), 10**12, allow_nan=False, allow_infinity=False, places=8)
_times = st.integers(0, 4 * 10**9).map(lambda second: datetime.fromtimestamp(second, UTC))
_maybe = st.none() | _above
_exposures = st.builds(SectorExposure, spot=_any, futures=_any, net=_any, weight=_any)
_states = st.builds(
    State, cash=_any, futures_wallet=_any, margin_used=_any, nav=_any, gross_futures_notional=_any,
    nearest_liquidation=st.none() | _any, sectors=st.dictionaries(st.sampled_from(Sector), _exposures, max_size=3),
)  # fmt: skip


@st.composite
def steps(draw: st.DrawFn, number: int) -> Step:
    action = draw(st.sampled_from(Action))
    common: dict[str, Any] = {
        "number": number, "id": draw(_text), "action": action, "account": draw(st.sampled_from(("main", "west_2"))),
        "venue": "paper", "quantity": draw(_above), "reason": draw(_text), "after": draw(_states),
    }  # fmt: skip
    if action is Action.TRANSFER:
        source = draw(st.sampled_from(Wallet))
        return Step(**common, source=source, destination=Wallet.FUTURES if source is Wallet.SPOT else Wallet.SPOT)
    asset = draw(st.sampled_from(("ETH", "1INCH", "NAN")))
    spot = action in (Action.BUY, Action.SELL)
    return Step(
        **common,
        asset=asset,
        symbol=spot_symbol(asset) if spot else perp_symbol(asset),
        price=draw(_above if action.trades else _maybe),
        expected_price=draw(_above if action.trades else _maybe),
        slippage_bps=draw(st.none() | _any),
        notional=draw(_above if action.trades else _maybe),
        leverage=draw(_above if action.opens else _maybe),
        margin=draw(_above if action.opens else _maybe),
        fee=draw(_above if action.trades else _maybe),
        stop_price=draw(_above if action.opens or action is Action.SET_STOP else _maybe),
        liquidation_price=draw(_maybe),
    )


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    made = tuple(draw(steps(number)) for number in range(1, draw(st.integers(0, 4)) + 1))
    checks = st.builds(
        Check, rule=_text, kind=st.sampled_from(CheckKind), limit=_any, worst=_any,
        worst_step=st.integers(0, len(made)), passed=st.booleans(), message=_text,
    )  # fmt: skip
    head = st.builds(
        PlanHead, id=_text, created_at=_times, strategy=_text, mode=st.sampled_from(Mode), phase=_text, preset=st.none() | _text
    )
    return plan(
        *made,
        plan=draw(head),
        start=draw(_states),
        end=draw(_states),
        checks=tuple(draw(st.lists(checks, max_size=3))),
        costs=tuple(draw(st.lists(st.builds(Cost, kind=st.sampled_from(CostKind), amount=_any, note=_text), max_size=2))),
        skipped=tuple(draw(st.lists(st.builds(Skipped, asset=_text, wanted=_any, reason=_text), max_size=2))),
    )
