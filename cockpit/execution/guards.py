"""What must still be true before a confirmed step may be sent, and what changed where it is not.

The rules of the order itself are `cockpit.rotation.checks`; here stands what belongs to the confirmation: the plan's identity,
the order of the steps, the halt, the book's revision, the venue's holdings, the price band. A refusal names before and after.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from decimal import ROUND_HALF_EVEN, Decimal

from msgspec.structs import replace

from cockpit.execution.bookkeeping import differences, stopped_bookmark
from cockpit.execution.context import Context
from cockpit.execution.daily import day_state
from cockpit.model.book import Book
from cockpit.model.errors import RefusedByRule, StalePlan
from cockpit.model.exposure import expose, sector_of
from cockpit.model.market import MarketSnapshot
from cockpit.model.money import ZERO, plain, seconds_of
from cockpit.model.orders import Role, StepState, VenueAccount
from cockpit.model.plan import Plan, Step
from cockpit.model.strategy import Limits
from cockpit.rotation.book_walk import BPS
from cockpit.rotation.checks import Refusal, TradingState, old_quote, order_refusals
from cockpit.rotation.identity import verify_id
from cockpit.rotation.renew import remaining
from cockpit.rotation.resume import recheck
from cockpit.store.rows import Intent, PlanState
from cockpit.store.view import View

PRICE_BAND_BPS = Decimal(30)
"""How far mark may have moved since the plan was made, either way."""
CONFIRMED_WITHIN = timedelta(seconds=10)
"""How long a confirmation counts: an executor that was stopped or slow does not act on what was read long ago."""
STALE_RULES = frozenset(
    {"revision", "positions", "open_orders", "price_band", "quote_age_max_s", "plan_age_max_s", "limit_price", "slippage_max_bps"}
)
"""Refusals that a fresh look at book and market may cure."""
STANDING_RULES = frozenset({"watched", "plan", "sequence", "executor", "halt", "unprotected", "trading_state", "cooldown_hours"})
"""Refusals that no fresh look cures. Any other rule is judged anew after a fresh look, if one is due."""


def look_bookmark(plan_id: str) -> str:
    """The key of the market time at which a plan was last held against live quotes for the trader to see."""
    return f"looked-at:{plan_id}"


def refusals(
    ctx: Context,
    view: View,
    *,
    plan: Plan,
    step: Step,
    book: Book,
    revision: int,
    left: Decimal,
    venue: VenueAccount | None = None,
) -> list[Refusal]:
    """Everything that forbids sending `left` of a step now; `revision` is the book's that was confirmed."""
    market = ctx.snapshot({*book.assets(), *(s.asset for s in plan.steps if s.asset)})
    found = [
        *watched(ctx.watched, [step]),
        *_plan(view, plan, step),
        *_halt(view, step),
        *_cooldown(ctx, view, step, market),
        *_revision(view, revision, book),
        *_holdings(book, venue, step),
        *_band(plan, step, market),
        *_order(ctx, view, plan, step, book, market, left),
        *_moved_for(plan, step, market, ctx.settings.limits),
    ]
    told = {refusal.rule for refusal in found}
    return [*found, *(refusal for refusal in _path(ctx, view, plan, step, book, market) if refusal.rule not in told)]


def still_to_come(ctx: Context, view: View, plan: Plan, book: Book, market: MarketSnapshot) -> tuple[Refusal, ...]:
    """What would go wrong with the steps that are left, on the actual book and market; each names its step."""
    rows = view.steps(plan.plan.id)
    done = {row.number for row in rows if row.state.over}
    filled = {row.number: filled_of(view, plan.plan.id, row.number) for row in rows if row.number not in done}
    rest = remaining(plan, filled)
    return recheck(rest, done, book, market, ctx.universe, ctx.settings, market.as_of).refusals


def filled_of(view: View, plan_id: str, number: int) -> Decimal:
    """How much of a step its orders have filled, over every attempt; a transfer that was done counts whole."""
    total = ZERO
    for intent in view.intents(plan_id, number):
        if intent.role is Role.ENTRY:
            total += sum((fill.quantity for fill in view.fills(coid=intent.coid)), ZERO) + moved_by(intent)
    return total


def moved_by(intent: Intent) -> Decimal:
    """What a transfer has moved, in quote units; an order moves nothing but by its fills."""
    return Decimal(intent.parameters["amount"]) if not intent.symbol and intent.state is StepState.FILLED else ZERO


def is_stale(found: Sequence[Refusal]) -> bool:
    """Whether a fresh look may cure what was found: book or market moved on, and no standing rule forbids the step."""
    rules = {refusal.rule for refusal in found}
    return bool(rules & STALE_RULES) and not rules & STANDING_RULES


def refuse(found: Sequence[Refusal], what: str) -> None:
    """Raise what was found, if anything: StalePlan where a fresh look may cure it, else RefusedByRule."""
    if not found:
        return
    sentences = tuple(refusal.message for refusal in found)
    if is_stale(found):
        raise StalePlan(found[0].rule, f"{what} no longer fits: {'; '.join(sentences)}", sentences)
    first = next((refusal for refusal in found if refusal.rule in STANDING_RULES), found[0])
    raise RefusedByRule(first.rule, f"{what} is refused: {'; '.join(sentences)}")


def watched(accounts: Mapping[str, str], steps: Iterable[Step]) -> Iterator[Refusal]:
    """Nothing is sent on an account that is kept at a venue and only read from here."""
    for account in dict.fromkeys(step.account for step in steps if step.account in accounts):
        where = accounts[account]
        yield Refusal(
            "watched", f"{account} is watched at {where} with a read-only key: export the plan, or place its orders at {where}"
        )


def _moved_for(plan: Plan, step: Step, market: MarketSnapshot, limits: Limits) -> Iterator[Refusal]:
    """A transfer moves money for the order after it: it waits for a quote on which that order could be sent."""
    order = None if step.symbol is not None else next((s for s in plan.steps[step.number :] if s.symbol is not None), None)
    quote = market.quotes.get(order.symbol or "") if order is not None else None
    if quote is not None:
        yield from old_quote(quote, limits, market.as_of)


def age_of_plan(looked_at: datetime, now: datetime, limit: Decimal) -> Iterator[Refusal]:
    """A plan that nobody has held against live quotes for more than `limit` seconds of the market's time."""
    age = seconds_of(now - looked_at)
    if age > limit:
        yield Refusal("plan_age_max_s", f"the plan was priced {round(age)} s ago, limit {plain(limit)} s")


def age_of_confirmation(at: datetime, now: datetime) -> Iterator[Refusal]:
    """A confirmation from longer ago than CONFIRMED_WITHIN, by the store's clock."""
    if now - at > CONFIRMED_WITHIN:
        age, limit = round((now - at).total_seconds()), round(CONFIRMED_WITHIN.total_seconds())
        yield Refusal("plan_age_max_s", f"it was confirmed {age} s ago and nobody could send it, limit {limit} s: confirm again")


def mark_of_plan(step: Step) -> Decimal | None:
    """The mark price that a step was planned on, where the plan notes none: its expected price without the slippage."""
    if step.expected_price is None:
        return None
    sign = 1 if step.action.buys else -1
    return step.expected_price / (1 + sign * (step.slippage_bps or ZERO) / BPS)


def _plan(view: View, plan: Plan, step: Step) -> Iterator[Refusal]:
    row = view.plan(plan.plan.id)
    if row is None or row.state in (PlanState.STOPPED, PlanState.DONE):
        yield Refusal("plan", f"the plan is {row.state if row else 'unknown'}")
    if not verify_id(plan):
        yield Refusal("plan", "the plan was edited: its id no longer belongs to its content")
    for earlier in view.steps(plan.plan.id):
        if earlier.number < step.number and not earlier.state.over:
            yield Refusal("sequence", f"step {earlier.number} is {earlier.state}: it comes before step {step.number}")
            return


def _path(ctx: Context, view: View, plan: Plan, step: Step, book: Book, market: MarketSnapshot) -> Iterator[Refusal]:
    """The book's own rules after this step; what is wrong with later steps is told when they come."""
    for refusal in still_to_come(ctx, view, plan, book, market):
        if refusal.message.startswith(f"step {step.number} "):
            yield refusal


def _halt(view: View, step: Step) -> Iterator[Refusal]:
    if TradingState.REDUCING.allows(step):
        return
    halt = view.halted()
    if halt.halted:
        yield Refusal("halt", f"{halt.reason or 'no new risk is allowed'}; resume first")
    naked = [row for row in view.steps_in(StepState.PROTECTING, StepState.UNPROTECTED) if row.number != step.number]
    if naked:
        yield Refusal("unprotected", f"step {naked[0].number} has no confirmed stop yet: no new risk before that")


def _cooldown(ctx: Context, view: View, step: Step, market: MarketSnapshot) -> Iterator[Refusal]:
    """After a stop-out an asset rests before a new position in it."""
    if not step.action.opens or step.asset is None:
        return
    stopped = view.bookmark(stopped_bookmark(step.account, step.asset))
    if stopped is None:
        return
    hours = ctx.settings.sending.cooldown_hours
    since = datetime.fromisoformat(stopped)
    until = since + timedelta(seconds=int(hours * 3600))
    if market.as_of < until:
        yield Refusal(
            "cooldown_hours",
            f"{step.asset} was stopped out at {since:%Y-%m-%d %H:%M} UTC: no new position in it before {until:%Y-%m-%d %H:%M}",
        )


def _revision(view: View, confirmed: int, book: Book) -> Iterator[Refusal]:
    if confirmed != book.revision:
        since = [row.message for row in view.journal_rows(limit=20) if row.revision >= confirmed]
        what = f": {'; '.join(since[-3:])}" if since else ""
        yield Refusal("revision", f"the book was at revision {confirmed}, it is at {book.revision}{what}")


def _holdings(book: Book, venue: VenueAccount | None, step: Step) -> Iterator[Refusal]:
    if venue is None:
        return
    for message in differences(book.account(step.account), venue.account):
        yield Refusal("positions", message)
    for order in venue.open_orders:
        if order.symbol == step.symbol:
            yield Refusal("open_orders", f"{order.symbol} has an open order {order.client_id} at the venue")


def _band(plan: Plan, step: Step, market: MarketSnapshot) -> Iterator[Refusal]:
    before = plan.market.marks.get(step.symbol or "") or mark_of_plan(step)
    quote = market.quotes.get(step.symbol) if step.symbol else None
    if before is None or quote is None:
        return
    moved = abs(quote.mark / before - 1) * BPS
    if moved > PRICE_BAND_BPS:
        shown = plain(before.quantize(Decimal("0.00000001"), ROUND_HALF_EVEN))
        yield Refusal(
            "price_band",
            f"the mark price of {step.symbol} was {shown}, it is {plain(quote.mark)}: "
            f"{moved:.0f} bps apart, limit {plain(PRICE_BAND_BPS)}",
        )


def _order(ctx: Context, view: View, plan: Plan, step: Step, book: Book, market: MarketSnapshot, left: Decimal) -> list[Refusal]:
    """The rules of the order, for what is left of the step on the actual account."""
    part = left / step.quantity
    rest = replace(
        step,
        quantity=left,
        margin=step.margin * part if step.margin is not None else None,
        fee=step.fee * part if step.fee is not None else None,
    )
    looked_at = view.bookmark(look_bookmark(plan.plan.id))
    nav = expose(book, market, ctx.universe).nav
    return order_refusals(
        rest,
        book.account(step.account),
        market,
        ctx.settings.limits,
        market.as_of,
        day_state(ctx, view, nav),
        sector=sector_of(step.asset or "", book, ctx.universe),
        nav=nav,
        quoted_at=datetime.fromisoformat(looked_at) if looked_at else None,
    )
