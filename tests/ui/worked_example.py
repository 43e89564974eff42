"""The worked 100,000 example as values: book, market, and its reconciled plan, booked with the ledger itself."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

from msgspec.structs import replace

from cockpit.model.assets import Asset, Sector, Universe
from cockpit.model.book import Account, Book, Side
from cockpit.model.exposure import expose
from cockpit.model.instruments import Instrument, Kind, MarginTier, asset_of, kind_of, perp_symbol, spot_symbol
from cockpit.model.journal import JournalKind, JournalRow
from cockpit.model.market import FundingRate, MarketLabel, MarketSnapshot, Quote
from cockpit.model.picture import PositionLine
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
from cockpit.model.strategy import (
    Drift,
    Fees,
    Limits,
    Mode,
    Overlay,
    Preset,
    RiskSettings,
    Sending,
    Strategy,
    Warnings,
    Weights,
)
from cockpit.rotation.identity import basis, fingerprint
from cockpit.rotation.margin import liquidation_price
from cockpit.rotation.path import apply_move, move_of

D = Decimal
NOON = datetime(2021, 8, 20, 12, tzinfo=UTC)
PRICES = {"ETH": D(4000), "UNI": D(10), "AAVE": D(250)}
SECTORS = {"ETH": Sector.L1, "SOL": Sector.L1, "UNI": Sector.DEFI, "AAVE": Sector.DEFI, "USDT": Sector.STABLE}
UNIVERSE = Universe(assets={s: Asset(symbol=s, name=s, sector=sector) for s, sector in SECTORS.items()})
TIERS = {
    "ETH": (MarginTier(D(0), D(50_000), D("0.004"), D(125), D(0)), MarginTier(D(50_000), None, D("0.005"), D(100), D(50))),
    "UNI": (MarginTier(D(0), D(10_000), D("0.006"), D(75), D(0)), MarginTier(D(10_000), None, D("0.01"), D(50), D(40))),
    "AAVE": (MarginTier(D(0), D(10_000), D("0.01"), D(75), D(0)), MarginTier(D(10_000), None, D("0.015"), D(50), D(50))),
}


def book(name: str = "Hundred thousand") -> Book:
    """35,000 USDT, 10 ETH, 1,250 UNI, 50 AAVE, nothing in futures."""
    spot = {"USDT": D(35_000), "ETH": D(10), "UNI": D(1250), "AAVE": D(50)}
    return Book(name=name, accounts=(Account(id="main", venue="paper", spot=spot),), pinned_prices=PRICES, revision=14)


def market(prices: dict[str, Decimal] | None = None) -> MarketSnapshot:
    """Pinned quotes; funding of .01 % a day."""
    quotes, instruments, funding = {}, {}, {}
    for asset, price in (prices or PRICES).items():
        for symbol in (spot_symbol(asset), perp_symbol(asset)):
            quotes[symbol] = Quote(symbol=symbol, mark=price, bid=price, ask=price, at=NOON, pinned=True)
            instruments[symbol] = Instrument(
                symbol=symbol,
                asset=asset_of(symbol),
                kind=kind_of(symbol),
                tick=D("0.01"),
                lot=D("0.001"),
                min_notional=D(5),
                tiers=TIERS.get(asset, TIERS["UNI"]) if kind_of(symbol) is Kind.PERP else (),
            )
        funding[perp_symbol(asset)] = FundingRate(
            symbol=perp_symbol(asset), rate=D("0.0001"), interval_hours=D(8), next_at=NOON + timedelta(hours=4)
        )
    return MarketSnapshot(
        source="simulated seed 7",
        label=MarketLabel.SIMULATED,
        as_of=NOON,
        quotes=quotes,
        instruments=instruments,
        funding=funding,
    )


def position_lines(held: Book, prices: MarketSnapshot) -> tuple[PositionLine, ...]:
    """The perpetuals as the desk would show them."""
    rows = []
    for account, position in held.positions():
        mark = prices.mark(position.symbol)
        liquidation = liquidation_price(
            position.side, position.quantity, position.entry_price, position.margin, prices.instruments[position.symbol].tiers
        )
        rate = prices.funding[position.symbol].per_day
        rows.append(
            PositionLine(
                account=account.id,
                venue=account.venue,
                position=position,
                mark=mark,
                notional=position.notional(mark),
                unrealised_pnl=position.unrealised_pnl(mark),
                liquidation_price=liquidation,
                liquidation_distance=None if liquidation is None else liquidation / mark - 1,
                stop_distance=None if position.stop_price is None else position.stop_price / mark - 1,
                funding_per_day=-position.side.sign * position.notional(mark) * rate,
            )
        )
    return tuple(rows)


def state_of(held: Book, prices: MarketSnapshot) -> State:
    """The book as a point of a path."""
    exposure = expose(held, prices, UNIVERSE)
    gaps = [row.liquidation_distance for row in position_lines(held, prices) if row.liquidation_distance is not None]
    return State(
        cash=exposure.cash,
        futures_wallet=exposure.futures_wallet,
        margin_used=exposure.margin_used,
        nav=exposure.nav,
        gross_futures_notional=exposure.gross_futures_notional,
        nearest_liquidation=min(gaps, key=abs, default=None),
        sectors=exposure.sectors,
    )


def booked(held: Book, step: Step) -> Book:
    """The book after a step fills as expected."""
    account = apply_move(held.account(step.account), move_of(step))
    return replace(held.with_account(account), revision=held.revision + 1)


def _steps(held: Book, prices: MarketSnapshot) -> tuple[Step, ...]:
    """Transfer 5,005, short 2.5 ETH, then twice 6,256.25 and a long of 12,500: the reconciled reading's path."""
    wanted = (
        (Action.TRANSFER, None, D("5005"), "margin and fee of the next step"),
        (Action.OPEN_SHORT, "ETH", D("2.5"), "hedge 25 % of L1 spot"),
        (Action.TRANSFER, None, D("6256.25"), "margin and fee of the next step"),
        (Action.OPEN_LONG, "AAVE", D("50"), "raise DeFi to 37.5 %"),
        (Action.TRANSFER, None, D("6256.25"), "margin and fee of the next step"),
        (Action.OPEN_LONG, "UNI", D("1250"), "raise DeFi to 50 %"),
    )
    steps: list[Step] = []
    state = state_of(held, prices)
    for number, (action, asset, quantity, reason) in enumerate(wanted, start=1):
        step = Step(
            number=number,
            id=f"s{number}",
            action=action,
            account="main",
            venue="paper",
            quantity=quantity,
            reason=reason,
            after=state,
        )
        if asset is None:
            step = replace(step, source=Wallet.SPOT, destination=Wallet.FUTURES)
        else:
            price = prices.mark(perp_symbol(asset))
            side = Side.SHORT if action is Action.OPEN_SHORT else Side.LONG
            notional = quantity * price
            stop = price * (D("1.12") if side is Side.SHORT else D("0.85"))
            step = replace(
                step,
                symbol=perp_symbol(asset),
                asset=asset,
                price=price,
                expected_price=price,
                slippage_bps=D(0),
                notional=notional,
                leverage=D(2),
                margin=notional / 2,
                fee=notional * D("0.0005"),
                stop_price=stop,
                liquidation_price=liquidation_price(side, quantity, price, notional / 2, TIERS[asset]),
            )
        held = booked(held, step)
        state = state_of(held, prices)
        steps.append(replace(step, after=state))
    return tuple(steps)


LIMITS = Limits(
    free_reserve_min=D("0.05"),
    futures_capital_max=D("0.50"),
    gross_notional_max=D("1.0"),
    order_notional_max=D("0.15"),
    leverage_max=D(3),
    leverage_default=D(2),
    hedge_ratio_max=D("1.0"),
    hedge_ratio_guideline=D("0.20"),
    stop_distance_l1=D("0.12"),
    stop_distance_defi=D("0.15"),
    stop_liquidation_ratio_max=D("0.67"),
    shock_l1=D("0.25"),
    shock_defi=D("0.30"),
    corridor_tolerance=D("0.01"),
    collar_l1=D("0.01"),
    collar_defi=D("0.02"),
    slippage_max_bps=D(30),
    daily_loss_reducing=D("0.03"),
    daily_loss_halted=D("0.05"),
    quote_age_max_s=D(10),
    plan_age_max_s=D(60),
)

FEES = Fees(spot_taker=D("0.001"), spot_maker=D("0.001"), perp_taker=D("0.0005"), perp_maker=D("0.0002"))
SETTINGS = RiskSettings(
    schema=1,
    limits=LIMITS,
    warnings=Warnings(gross_notional_warn=D("0.50"), funding_warn=D("0.0005")),
    sending=Sending(cooldown_hours=D(24)),
    fees=FEES,
    drift=Drift(points=D("0.05"), share=D("0.25"), dust_nav=D("0.0025"), asset_cap=D("0.40")),
)


def _check(
    rule: str, worst: str, step: int, kind: CheckKind = CheckKind.HARD, *, passed: bool = True, message: str = ""
) -> Check:
    return Check(
        rule=rule, kind=kind, limit=getattr(LIMITS, rule), worst=D(worst), worst_step=step, passed=passed, message=message
    )


CHECKS = (
    _check("free_reserve_min", "0.174825", 5),
    _check("futures_capital_max", "0.175", 6),
    _check("gross_notional_max", "0.35", 6),
    _check("order_notional_max", "0.125", 4),
    _check("leverage_max", "2", 2),
    _check("hedge_ratio_max", "0.25", 2),
    _check(
        "hedge_ratio_guideline",
        "0.25",
        2,
        CheckKind.SOFT,
        passed=False,
        message="Shorts are 25 % of the L1 spot, the guideline is 20 %: a fall hurts less, a rise helps less.",
    ),
    _check("stop_liquidation_ratio_max", "0.3034", 6),
    _check("slippage_max_bps", "0", 2),
)


def reconciled_plan(held: Book, prices: MarketSnapshot, plan_id: str = "9f2c4e7a11d0") -> Plan:
    """The plan of the reconciled preset from this book."""
    steps = _steps(held, prices)
    start = state_of(held, prices)
    return Plan(
        schema=1,
        plan=PlanHead(id=plan_id, created_at=NOON, strategy="B", mode=Mode.OVERLAY, phase="B", preset="reconciled"),
        book=PlanBook(name=held.name, revision=held.revision, nav=start.nav, fingerprint=fingerprint(held), accounts=basis(held)),
        market=PlanMarket(
            source=prices.source, as_of=NOON, marks={s.symbol: prices.mark(s.symbol) for s in steps if s.symbol is not None}
        ),
        fees=FEES,
        limits=LIMITS,
        target=PlanTarget(base=start.nav, L1=D("0.3"), DEFI=D("0.5"), STABLE=D("0.2")),
        start=start,
        steps=steps,
        checks=CHECKS,
        costs=(
            Cost(kind=CostKind.FEE, amount=D("17.5"), note="3 orders at .05 %"),
            Cost(kind=CostKind.SLIPPAGE, amount=D(0), note="prices are pinned"),
            Cost(kind=CostKind.FUNDING, amount=D("4.5"), note="longs 25,000 pay, the short of 10,000 receives"),
            Cost(kind=CostKind.BREAK_EVEN, amount=D("7.8"), note="until spot trades would have been cheaper"),
        ),
        skipped=(Skipped(asset="COMP", wanted=D("3.2"), reason="below the smallest order of 5 USDT"),),
        end=steps[-1].after,
    )


def strategies() -> tuple[Strategy, ...]:
    """A, B with two presets, C."""

    def weights(l1: str, defi: str, stable: str) -> Weights:
        return Weights(L1=D(l1), DEFI=D(defi), STABLE=D(stable))

    overlay = Overlay(leverage=D(2))
    presets = {
        name: Preset(description=name, mode=Mode.OVERLAY, weights=weights("0.3", "0.5", "0.2"), overlay=overlay)
        for name in ("reconciled", "literal")
    }

    def strategy(id_: str, name: str, mode: Mode, held: Weights) -> Strategy:
        return Strategy(
            schema=1,
            id=id_,
            name=name,
            description=name,
            mode=mode,
            weights=held,
            overlay=overlay,
            phase=id_,
            presets=presets if id_ == "B" else {},
        )

    return (
        strategy("A", "Infrastructure First", Mode.SPOT, weights("0.6", "0.2", "0.2")),
        strategy("B", "DeFi Alpha Hunt", Mode.OVERLAY, weights("0.3", "0.5", "0.2")),
        strategy("C", "De-Risk and Consolidate", Mode.SPOT, weights("0.4", "0.3", "0.3")),
    )


JOURNAL = (
    JournalRow(
        seq=1,
        at=NOON - timedelta(minutes=5),
        book="Hundred thousand",
        kind=JournalKind.OPENED,
        message="Opened from hundred_thousand.toml",
        revision=14,
    ),
    JournalRow(
        seq=2,
        at=NOON,
        book="Hundred thousand",
        kind=JournalKind.PHASE,
        message="Phase B DeFi Alpha Hunt, confidence high .71",
        revision=14,
    ),
)
