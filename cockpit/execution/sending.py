"""One confirmed step on its way: the intent is durable before anything is sent, it is sent once, and the answer is kept whole.

INTENT in the store means "may have been sent". What is not answered clearly becomes UNKNOWN and is looked up, never sent again.
"""

from datetime import timedelta
from decimal import Decimal

from cockpit.execution.bookkeeping import end_state, insert_stop, new_events, take_in
from cockpit.execution.context import Context
from cockpit.execution.guards import age_of_confirmation, filled_of, is_stale, refusals
from cockpit.execution.intents import client_order_id, entry_request, from_parameters, symbol_of, to_parameters
from cockpit.model import ledger
from cockpit.model.book import Book
from cockpit.model.errors import CockpitError, StoreError
from cockpit.model.instruments import asset_of
from cockpit.model.journal import JournalKind
from cockpit.model.money import ZERO, plain
from cockpit.model.orders import OrderReport, OrderRequest, OrderStatus, Role, StepState, TransferRequest, VenueAccount
from cockpit.model.plan import Action, Plan, Step
from cockpit.store.rows import Command, CommandState, Intent, PlanState
from cockpit.store.unit import Unit

SEND_WITHIN = timedelta(seconds=2)
"""An intent that is older than this when it should be sent is not sent: the only one who could have sent it knows that."""


def step_of(plan: Plan, number: int) -> Step:
    """The plan's step of that number."""
    return plan.steps[number - 1]


async def carry_out(ctx: Context, command: Command) -> None:
    """Check a confirmation against everything that may have changed, note its intent, send it, and keep the answer."""
    with ctx.store.view(ctx.book) as view:
        row = view.plan(command.plan_id)
    if row is None:
        raise StoreError(f"the store has no plan {command.plan_id}")
    step = step_of(row.plan, command.step)
    venue = await ctx.broker.account(step.account)
    coid = _commit_intent(ctx, command, row.plan, step, venue)
    if coid is not None and step.action is not Action.SET_STOP:
        await send_entry(ctx, row.plan, step, coid)


def _commit_intent(ctx: Context, command: Command, plan: Plan, step: Step, venue: VenueAccount) -> str | None:
    """One transaction: every guard once more, and the intent. None where it was refused."""
    with ctx.store.begin(ctx.book) as unit:
        unit.check_lease(step.account, ctx.epochs[step.account])
        book, row = _book(unit), unit.step(plan.plan.id, step.number)
        if row is None or row.state is not StepState.CONFIRMED or row.attempt != command.attempt:
            unit.answer_command(command.seq, CommandState.REFUSED, "the step is not waiting for it any more")
            return None
        left = step.quantity - filled_of(unit, plan.plan.id, step.number)
        found = refusals(ctx, unit, plan=plan, step=step, book=book, revision=command.revision, left=left, venue=venue)
        found = [*age_of_confirmation(command.at, ctx.store.now()), *found]
        if found:
            state = StepState.STALE if is_stale(found) else StepState.DENIED
            message = "; ".join(refusal.message for refusal in found)
            unit.set_step(plan.plan.id, step.number, state, message=message)
            unit.answer_command(command.seq, CommandState.REFUSED, message)
            rules = {f"rule_{n}": refusal.rule for n, refusal in enumerate(found, 1)}
            unit.journal(
                JournalKind.REFUSAL, f"step {step.number} refused: {message}", plan_id=plan.plan.id, step=step.number, data=rules
            )
            coid = None
        else:
            coid = _insert_entry(ctx, unit, command, plan, step, book, left)
            state, message = StepState.INTENT, ""
            unit.set_step(plan.plan.id, step.number, state)
            unit.set_plan_state(plan.plan.id, PlanState.BEGUN)
            unit.answer_command(command.seq, CommandState.TAKEN)
    if coid is not None:
        ctx.unsent.add(coid)
    ctx.tell(message or f"step {step.number} is on its way", plan_id=plan.plan.id, step=step.number, state=state)
    return coid


def _insert_entry(ctx: Context, unit: Unit, command: Command, plan: Plan, step: Step, book: Book, left: Decimal) -> str:
    account = book.account(step.account)
    if step.action is Action.SET_STOP:
        held = account.position(step.asset or asset_of(symbol_of(step)))
        if held is None or step.stop_price is None:
            raise StoreError(f"step {step.number} has no position or no stop price")
        return insert_stop(ctx, unit, plan.plan.id, step.number, held, step.account, step.stop_price).client_id
    coid = client_order_id(ctx.store.id, plan.plan.id, step.number, command.attempt, Role.ENTRY)
    held = account.position(step.asset) if step.asset else None
    unit.insert_intent(
        coid,
        account=step.account,
        plan_id=plan.plan.id,
        step=step.number,
        attempt=command.attempt,
        role=Role.ENTRY,
        symbol=symbol_of(step),
        parameters=to_parameters(entry_request(step, coid, left)),
        baseline={
            "revision": book.revision,
            "shown": command.shown_hash,
            "futures_wallet": account.futures_wallet,
            "cash": account.spot.get("USDT", ZERO),
            "position": held.quantity * held.side.sign if held else ZERO,
        },
        pinned_at=ctx.now(),
        epoch=ctx.epochs[step.account],
        protective=False,
    )
    unit.journal(
        JournalKind.TRANSFER if step.action is Action.TRANSFER else JournalKind.ORDER,
        f"step {step.number}: {step.action} {plain(left)} {step.asset or 'USDT'} as {coid}",
        plan_id=plan.plan.id,
        step=step.number,
        data={"client_id": coid, "attempt": command.attempt, "quantity": left, "price": step.price, "shown": command.shown_hash},
    )
    return coid


async def send_entry(ctx: Context, plan: Plan, step: Step, coid: str) -> None:
    """Send a committed intent once; an answer that is not clear leaves it UNKNOWN."""
    with ctx.store.view(ctx.book) as view:
        intent = view.intent(coid)
    if intent is None or not claim(ctx, intent):
        if intent is not None:
            _not_sent(ctx, intent)
        return
    try:
        report = await dispatch(ctx, intent)
    except CockpitError as error:
        mark_unknown(ctx, intent, str(error))
        return
    await take_report(ctx, plan, step, intent, report)


def claim(ctx: Context, intent: Intent) -> bool:
    """Whether this process may send the intent: committed here, never sent, and not too old. It can be claimed only once."""
    if intent.coid not in ctx.unsent:
        return False
    if ctx.now() - intent.pinned_at > SEND_WITHIN:
        return False
    ctx.unsent.discard(intent.coid)
    return True


async def dispatch(ctx: Context, intent: Intent) -> OrderReport:
    """The one place where an entry or a flattening order goes to the venue."""
    if intent.symbol:
        return await ctx.broker.submit(from_parameters(intent.parameters, OrderRequest))
    return await ctx.broker.transfer(from_parameters(intent.parameters, TransferRequest))


def mark_unknown(ctx: Context, intent: Intent, reason: str) -> None:
    """Nobody knows whether the venue has it: note that, for the ladder."""
    message = f"the venue's answer is not clear ({reason}); looking it up"
    with ctx.store.begin(ctx.book) as unit:
        unit.update_intent(intent.coid, StepState.UNKNOWN, epoch=ctx.epochs[intent.account])
        unit.add_evidence(intent.coid, "unclear", {"reason": reason})
        if intent.role is Role.ENTRY:
            unit.set_step(intent.plan_id, intent.step, StepState.UNKNOWN, message=message)
    ctx.tell(message, plan_id=intent.plan_id, step=intent.step, state=StepState.UNKNOWN)


async def take_report(ctx: Context, plan: Plan, step: Step, intent: Intent, report: OrderReport) -> None:
    """Keep the venue's answer: its fills, what it did besides, and the intent of the stop, in one transaction."""
    events = await new_events(ctx, intent.account)
    with ctx.store.begin(ctx.book) as unit:
        current = unit.intent(intent.coid)
        if current is None or current.resolved:
            return
        unit.add_evidence(intent.coid, "report", report)
        told = take_in(ctx, unit, intent.account, report.fills, events, intent)
        if not intent.symbol and report.status is OrderStatus.FILLED:
            told.append(_apply_transfer(unit, intent))
        known = sum((fill.quantity for fill in unit.fills(coid=intent.coid)), ZERO)
        state, resolved = _intent_state(intent, report, known)
        unit.update_intent(intent.coid, state, epoch=ctx.epochs[intent.account], resolved=resolved)
        stop = _stop_of(ctx, unit, plan, step, intent, grew=bool(report.fills))
        shown, message = _step_state(unit, plan, step, state, resolved, report.reason)
        if stop is not None and shown in (StepState.DONE, StepState.CANCELLED):
            shown = StepState.PROTECTING
        if intent.role is Role.ENTRY:
            unit.set_step(plan.plan.id, step.number, shown, message=message)
        if report.status is OrderStatus.REJECTED:
            sentence = f"step {step.number} rejected by the venue: {report.reason}"
            unit.journal(JournalKind.REFUSAL, sentence, plan_id=plan.plan.id, step=step.number)
    if stop is not None:
        ctx.unsent.add(stop)
    for sentence in told:
        ctx.tell(sentence, plan_id=plan.plan.id, step=step.number, account=intent.account)
    ctx.tell(message or f"step {step.number}: {shown}", plan_id=plan.plan.id, step=step.number, state=shown)


def finish_step(unit: Unit, plan: Plan, step: Step) -> tuple[StepState, str]:
    """Where a step stands once its position is protected: done, or cancelled with what is left."""
    entries = [intent for intent in unit.intents(plan.plan.id, step.number) if intent.role is Role.ENTRY]
    if entries and not entries[-1].resolved:
        return StepState.PARTIAL, ""
    if not entries:
        return StepState.DONE, ""
    return end_state(filled_of(unit, plan.plan.id, step.number), step.quantity, "")


def _intent_state(intent: Intent, report: OrderReport, known: Decimal) -> tuple[StepState, bool]:
    """The intent's state after an answer, and whether nothing more can come of it."""
    if report.status is OrderStatus.REJECTED:
        return StepState.REJECTED, True
    if intent.symbol and known != report.filled:
        return StepState.FILLS_INCOMPLETE, False
    if report.status in (OrderStatus.OPEN, OrderStatus.TRIGGERED):
        return (StepState.PARTIAL if known else StepState.OPEN), False
    return (StepState.FILLED if report.status is OrderStatus.FILLED else StepState.CANCELLED), True


def _step_state(unit: Unit, plan: Plan, step: Step, state: StepState, resolved: bool, reason: str) -> tuple[StepState, str]:
    if state is StepState.REJECTED:
        return state, reason
    if not resolved:
        message = "the venue reports more than its trades explain" if state is StepState.FILLS_INCOMPLETE else ""
        return state, message
    return end_state(filled_of(unit, plan.plan.id, step.number), step.quantity, reason)


def _stop_of(ctx: Context, unit: Unit, plan: Plan, step: Step, intent: Intent, *, grew: bool) -> str | None:
    """The client id of the stop that the position needs after these fills, its intent committed with them; None if none."""
    if not grew or intent.role is not Role.ENTRY or step.asset is None or not (step.action.opens or step.action.reduces):
        return None
    held = _book(unit).account(intent.account).position(step.asset)
    if held is None:
        return None
    trigger = step.stop_price if step.action.opens else held.stop_price
    if trigger is None:
        return None
    return insert_stop(ctx, unit, plan.plan.id, step.number, held, intent.account, trigger).client_id


def _apply_transfer(unit: Unit, intent: Intent) -> str:
    """A transfer changes the book once: in the transaction that resolves its intent."""
    request = from_parameters(intent.parameters, TransferRequest)
    book = _book(unit)
    account = book.account(intent.account)
    if request.asset is None:
        account = ledger.transfer(account, request.source, request.amount)
        message = f"{account.id}: moved {plain(request.amount)} USDT out of the {request.source} wallet"
    else:
        account = ledger.add_margin(account, request.asset, request.amount)
        message = f"{account.id}: added {plain(request.amount)} USDT of margin to {request.asset}"
    unit.save_book(book.with_account(account), book.revision)
    unit.journal(JournalKind.TRANSFER, message, plan_id=intent.plan_id, step=intent.step, data={"amount": request.amount})
    return message


def _not_sent(ctx: Context, intent: Intent) -> None:
    """Give up, locally, an intent that waited too long to be sent."""
    if intent.coid not in ctx.unsent:
        return
    message = "it was not sent: too much time passed before it could be; confirm it again"
    with ctx.store.begin(ctx.book) as unit:
        unit.update_intent(intent.coid, StepState.NOT_PLACED, epoch=ctx.epochs[intent.account], resolved=True)
        if intent.role is Role.ENTRY:
            unit.set_step(intent.plan_id, intent.step, StepState.NOT_PLACED, message=message)
        unit.journal(JournalKind.PROBLEM, f"step {intent.step}: {message}", plan_id=intent.plan_id, step=intent.step)
    ctx.unsent.discard(intent.coid)
    ctx.tell(message, plan_id=intent.plan_id, step=intent.step, state=StepState.NOT_PLACED)


def _book(unit: Unit) -> Book:
    book = unit.book()
    if book is None:
        raise StoreError(f"the store has no portfolio {unit.name}")
    return book
