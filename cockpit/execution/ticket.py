"""What the order ticket shows of a step: the actual book before and after it, the rules, and the worst case."""

import hashlib
from collections.abc import Iterable
from decimal import Decimal

from msgspec.structs import replace

from cockpit.model.assets import Universe
from cockpit.model.book import Book
from cockpit.model.errors import MarketUnavailable
from cockpit.model.ledger import LedgerError
from cockpit.model.market import MarketSnapshot
from cockpit.model.money import ZERO
from cockpit.model.picture import Ticket
from cockpit.model.plan import CheckKind, Plan, Step
from cockpit.model.strategy import RiskSettings
from cockpit.model.wire import json_of
from cockpit.rotation.checks import Refusal
from cockpit.rotation.path import Path, move_of
from cockpit.rotation.rules import Gate


def make_ticket(
    plan: Plan,
    step: Step,
    *,
    attempt: int,
    left: Decimal,
    book: Book,
    market: MarketSnapshot,
    universe: Universe,
    settings: RiskSettings,
    refusals: Iterable[Refusal],
) -> Ticket:
    """The ticket of `left` (base units, above zero) of a step on the book and market as they are now."""
    rest = _rest(step, left)
    found = [(refusal.rule, refusal.message) for refusal in refusals]
    path = Path(book, market, universe)
    before = after = path.state()
    try:
        effect = path.try_move(move_of(rest))
        broken = Gate(settings.limits, None).refusal(path.totals, effect.totals)
        if broken is not None and broken not in {rule for rule, _ in found}:
            found.append((broken, f"after this step the book would break {broken} as prices stand now"))
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
        rules_hold=sum(check.passed for check in plan.checks if check.kind is CheckKind.HARD),
        warnings=tuple(check.message for check in plan.checks if check.kind is CheckKind.SOFT and not check.passed),
        refusals=tuple(found),
        worst_loss=worst_loss(rest, settings.fees.perp_taker),
        shown_hash="",
    )
    return replace(ticket, shown_hash=_hash(ticket))


def worst_loss(step: Step, fee_rate: Decimal) -> Decimal | None:
    """What is lost if the stop of an opening step is hit, with the closing fee, in quote units; None for other steps."""
    if not step.action.opens or step.stop_price is None or step.expected_price is None:
        return None
    return step.quantity * (abs(step.stop_price - step.expected_price) + step.stop_price * fee_rate)


def _rest(step: Step, left: Decimal) -> Step:
    """The part of a step that is still to be sent; a stop covers the whole position and is never scaled."""
    if left == step.quantity:
        return step
    part = left / step.quantity

    def scaled(amount: Decimal | None) -> Decimal | None:
        return None if amount is None else amount * part

    return replace(step, quantity=left, notional=scaled(step.notional), margin=scaled(step.margin), fee=scaled(step.fee))


def _share(cash: Decimal, nav: Decimal) -> Decimal:
    return cash / nav if nav > 0 else ZERO


def _hash(ticket: Ticket) -> str:
    return hashlib.blake2b(json_of(ticket).encode(), digest_size=16).hexdigest()
