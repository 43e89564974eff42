"""Whether the book at the end of all legs would keep the rules: asked before the first step is thought of."""

from collections.abc import Iterable
from decimal import Decimal

from msgspec import Struct

from cockpit.model.instruments import QUOTE
from cockpit.model.money import ZERO
from cockpit.model.plan import Action
from cockpit.model.strategy import RiskSettings
from cockpit.rotation.legs import Leg
from cockpit.rotation.path import Path, Totals
from cockpit.rotation.rules import percent


class Shortfall(Struct, frozen=True, kw_only=True):
    """A rule that an end would break: value and limit as fractions of NAV, and by how much in quote units."""

    rule: str
    value: Decimal
    limit: Decimal
    amount: Decimal

    @property
    def sentence(self) -> str:
        """What binds and by how much, for the trader."""
        amount = f"{self.amount:,.2f} {QUOTE}"
        word = {
            "free_reserve_min": f"leave a free reserve of {percent(self.value)} of NAV, limit {percent(self.limit)}: short by",
            "futures_capital_max": f"put {percent(self.value)} of NAV into futures, limit {percent(self.limit)}: over by",
            "gross_notional_max": f"take gross notional to {percent(self.value)} of NAV, limit {percent(self.limit)}: over by",
        }[self.rule]
        return f"the target would {word} {amount}"


class Ending(Struct, frozen=True, kw_only=True):
    """The sums at the end of all legs at mark prices; idle collateral counts as returned to spot."""

    nav: Decimal
    cash: Decimal
    wallet: Decimal
    margin: Decimal
    gross: Decimal

    def shortfall(self, settings: RiskSettings) -> Shortfall | None:
        """The first rule that this ending breaks."""
        limits, nav = settings.limits, self.nav
        rows = (
            ("free_reserve_min", self.cash, limits.free_reserve_min, limits.free_reserve_min * nav - self.cash),
            ("futures_capital_max", self.wallet, limits.futures_capital_max, self.wallet - limits.futures_capital_max * nav),
            ("gross_notional_max", self.gross, limits.gross_notional_max, self.gross - limits.gross_notional_max * nav),
        )
        for rule, value, limit, amount in rows:
            if amount > 0:
                return Shortfall(rule=rule, value=value / nav, limit=limit, amount=amount)
        return None


def needs_of(path: Path, legs: Iterable[Leg], leverage: Decimal, settings: RiskSettings) -> dict[str, Decimal]:
    """The collateral that each account's opening legs take: margin and fee, in quote units."""
    needs: dict[str, Decimal] = dict.fromkeys(path.accounts(), ZERO)
    for leg in legs:
        if leg.action.opens:
            needs[leg.account] += leg.value / leverage + leg.value * settings.fees.perp_taker
    return needs


def ending(path: Path, legs: Iterable[Leg], leverage: Decimal, settings: RiskSettings, unfunded: Decimal = ZERO) -> Ending:
    """What the totals come to once every leg is filled at mark and paid for, and `unfunded` quote units beside them."""
    totals: Totals = path.totals
    fees = settings.fees
    cash, wallet, margin, gross, paid = totals.cash, totals.wallet, totals.margin, totals.gross, ZERO
    rows = list(legs)
    free = {account: path.free(account) for account in path.accounts()}
    for leg in rows:
        value = leg.value
        if leg.action in (Action.BUY, Action.SELL):
            fee = value * fees.spot_taker
            cash += (value if leg.action is Action.SELL else -value) - fee
        else:
            fee = value * fees.perp_taker
            if leg.action.opens:
                margin += value / leverage
                gross += value
                free[leg.account] -= value / leverage + fee
            else:
                held = path.position(leg.account, leg.asset)
                if held is None:
                    continue
                part = leg.quantity / held.quantity
                margin -= held.margin * part
                gross -= value
                free[leg.account] += held.margin * part + held.unrealised_pnl(leg.mark) * part - fee
        paid += fee
    # Collateral comes out of the spot wallet where it is missing and goes back where it is idle.
    cash += sum(free.values(), ZERO) - unfunded
    wallet = margin
    return Ending(nav=totals.nav - paid, cash=cash, wallet=wallet, margin=margin, gross=gross)
