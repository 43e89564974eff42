"""What the order ticket shows of a step: the actual book before and after it, the rules, the worst case, what comes after."""

import hashlib
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

from msgspec.structs import replace

from cockpit.execution.worst_case import worst_case
from cockpit.model.assets import Universe
from cockpit.model.book import Book
from cockpit.model.errors import MarketUnavailable
from cockpit.model.ledger import LedgerError
from cockpit.model.market import MarketSnapshot
from cockpit.model.money import ZERO
from cockpit.model.picture import Ticket
from cockpit.model.plan import Plan, Step
from cockpit.model.strategy import RiskSettings
from cockpit.model.wire import json_of
from cockpit.rotation.checks import Refusal
from cockpit.rotation.path import Effect, Path, move_of
from cockpit.rotation.protection import significant
from cockpit.rotation.renew import remaining
from cockpit.rotation.resume import recheck
from cockpit.rotation.rules import Gate


def make_ticket(
    plan: Plan,
    number: int,
    *,
    attempt: int,
    done: Collection[int],
    filled: Mapping[int, Decimal],
    book: Book,
    market: MarketSnapshot,
    universe: Universe,
    settings: RiskSettings,
    refusals: Iterable[Refusal],
) -> Ticket:
    """The ticket of what is left of step `number` on the book and market as they are now.

    Quantity, limit, leverage and stop are the plan's; the expected fill and what follows from it are of now.
    `done` are the numbers of the steps that are over, `filled` is what each step's orders have filled, in the step's units.
    """
    left = recheck(remaining(plan, filled), done, book, market, universe, settings, market.as_of)
    priced = {later.number: later for later in left.steps}
    step = plan.steps[number - 1]
    rest = _at_now(_rest(step, step.quantity - filled.get(number, ZERO)), priced.get(number))
    found = [(refusal.rule, refusal.message) for refusal in refusals]
    path = Path(book, market, universe)
    before = after = path.state()
    try:
        effect = path.try_move(move_of(rest))
        broken = Gate(settings.limits, None).refusal(path.totals, effect.totals)
        if broken is not None and broken not in {rule for rule, _ in found}:
            found.append((broken, f"after this step the book would break {broken} as prices stand now"))
        rest = _with_effect(rest, effect)
        path.commit(effect)
        after = path.state()
    except (LedgerError, MarketUnavailable) as error:
        if not any(rule == "funds" for rule, _ in found):
            found.append(("funds", str(error)))
    ticket = Ticket(
        plan_id=plan.plan.id,
        step=rest,
        attempt=attempt,
        of=len(plan.steps),
        revision=book.revision,
        before=before,
        after=after,
        free_reserve_before=_share(before.cash, before.nav),
        free_reserve_after=_share(after.cash, after.nav),
        checks=left.checks,
        refusals=tuple(found),
        worst=worst_case(rest, book, market, universe, settings, before.nav),
        path=tuple(priced.get(later.number, later) for later in plan.steps if later.number > number and later.number not in done),
        ahead=tuple((r.rule, r.message) for r in left.refusals if not r.message.startswith(f"step {number} ")),
        shown_hash="",
    )
    return replace(ticket, shown_hash=_hash(ticket))


def _rest(step: Step, left: Decimal) -> Step:
    """The part of a step that is still to be sent; a stop covers the whole position and is never scaled."""
    if left == step.quantity:
        return step
    part = left / step.quantity

    def scaled(amount: Decimal | None) -> Decimal | None:
        return None if amount is None else amount * part

    return replace(step, quantity=left, notional=scaled(step.notional), margin=scaled(step.margin), fee=scaled(step.fee))


def _at_now(step: Step, now: Step | None) -> Step:
    """A step with the fill that the order book of now promises; as it was planned where `now` could not be worked out."""
    if now is None:
        return step
    return replace(
        step,
        expected_price=now.expected_price,
        slippage_bps=now.slippage_bps,
        notional=now.notional,
        fee=now.fee,
        after=now.after,
    )


def _with_effect(step: Step, effect: Effect) -> Step:
    """A step with the margin and the liquidation price that this effect of it has."""
    if not (step.action.opens or step.action.reduces):
        return step
    risk = effect.risk
    liquidation = significant(risk.liquidation) if risk is not None and risk.liquidation is not None else None
    margin = abs(effect.after.margin_used - effect.before.margin_used)
    return replace(step, margin=margin, liquidation_price=liquidation)


def _share(cash: Decimal, nav: Decimal) -> Decimal:
    return cash / nav if nav > 0 else ZERO


def _hash(ticket: Ticket) -> str:
    return hashlib.blake2b(json_of(ticket).encode(), digest_size=16).hexdigest()
