"""No position without its stop: place it, read it back from the venue, and if that fails retry, then flatten.

A stop counts only once the venue itself shows it: side, reduce-only, quantity and trigger. Until then the step is PROTECTING;
after `READ_BACK_WITHIN` it is UNPROTECTED, which blocks new risk. A second reduce-only stop is better than a naked position, so a
stop whose answer is unclear is joined by another rather than waited for. After `FLATTEN_AFTER` the position is closed.
"""

from datetime import timedelta
from decimal import Decimal

from cockpit.execution.bookkeeping import insert_stop, note_stop_price
from cockpit.execution.context import Context
from cockpit.execution.intents import client_order_id, from_parameters, to_parameters
from cockpit.execution.sending import claim, dispatch, finish_step, mark_unknown, step_of, take_report
from cockpit.model.book import Position, Side
from cockpit.model.errors import CockpitError, StoreError
from cockpit.model.exposure import sector_of
from cockpit.model.instruments import asset_of
from cockpit.model.journal import JournalKind
from cockpit.model.money import plain
from cockpit.model.orders import OrderRequest, OrderStatus, Role, StepState, StopRequest, VenueAccount
from cockpit.model.plan import Action, Plan
from cockpit.store.rows import Intent
from cockpit.store.unit import Unit

READ_BACK_WITHIN = timedelta(seconds=5)
FLATTEN_AFTER = timedelta(seconds=30)
RETRY_AFTER = timedelta(seconds=1)


async def protect(ctx: Context, account: str) -> None:
    """Work on every stop of an account that is not confirmed yet."""
    with ctx.store.view(ctx.book) as view:
        waiting = [i for i in view.unresolved_intents(account, protective=True) if i.role is Role.STOP]
        naked = view.steps_in(StepState.PROTECTING, StepState.UNPROTECTED)
    for plan_id, number in dict.fromkeys([*((i.plan_id, i.step) for i in waiting), *((s.plan_id, s.number) for s in naked)]):
        await _protect_step(ctx, account, plan_id, number)


async def cancel_orphans(ctx: Context, account: str) -> None:
    """Take away stops whose position is gone."""
    venue = await ctx.broker.account(account)
    for stop in venue.stops:
        if venue.account.position(asset_of(stop.symbol)) is None:
            await ctx.broker.cancel(account, stop.symbol, stop.client_id)


async def _protect_step(ctx: Context, account: str, plan_id: str, number: int) -> None:
    with ctx.store.view(ctx.book) as view:
        row, book = view.plan(plan_id), view.book()
        series = _series([i for i in view.intents(plan_id, number) if i.role is Role.STOP])
    if row is None or book is None or not series or series[-1].account != account:
        return
    newest = series[-1]
    asset = asset_of(newest.symbol)
    held = book.account(account).position(asset)
    if held is None:
        _settle(ctx, row.plan, number, series, StepState.CANCELLED, f"{asset}: the position is closed, it needs no stop")
        return
    if not newest.resolved:
        if not await _place(ctx, newest):
            await _look_up(ctx, newest)
        if await _read_back(ctx, row.plan, number, series, held):
            return
    await _escalate(ctx, row.plan, number, account, asset)


async def _place(ctx: Context, intent: Intent) -> bool:
    """Send a stop that this process has committed and not sent; whether it did."""
    if not claim(ctx, intent):
        if intent.coid in ctx.unsent:
            ctx.unsent.discard(intent.coid)
            _resolve(ctx, intent, StepState.NOT_PLACED, "it waited too long to be sent")
        return False
    try:
        report = await ctx.broker.place_stop(from_parameters(intent.parameters, StopRequest))
    except CockpitError as error:
        mark_unknown(ctx, intent, str(error))
        return True
    if report.status is OrderStatus.REJECTED:
        _resolve(ctx, intent, StepState.REJECTED, report.reason)
    return True


async def _look_up(ctx: Context, intent: Intent) -> None:
    """What became of a stop that may have been sent before."""
    try:
        report = await ctx.broker.find(intent.account, intent.symbol, intent.coid)
    except CockpitError:
        return
    if report is None:
        horizon = ctx.broker.horizon
        if horizon is not None and ctx.now() >= intent.pinned_at + horizon:
            _resolve(ctx, intent, StepState.NOT_PLACED, "the venue does not know it")
    elif report.status in (OrderStatus.REJECTED, OrderStatus.CANCELLED):
        _resolve(ctx, intent, StepState.REJECTED, report.reason)


async def _read_back(ctx: Context, plan: Plan, number: int, series: list[Intent], held: Position) -> bool:
    """Whether the venue shows a stop of the series that covers the position; if so the step is protected, the older ones go."""
    account = series[-1].account
    try:
        venue = await ctx.broker.account(account)
    except CockpitError:
        return False
    ours = {intent.coid for intent in series}
    shown = [stop for stop in venue.stops if stop.client_id in ours and covers(stop, held)]
    wanted = from_parameters(series[-1].parameters, StopRequest)
    shown = [stop for stop in shown if stop.trigger_price == wanted.trigger_price]
    if not shown:
        return False
    stop = shown[-1]
    message = f"{account}: the venue shows the stop of {plain(stop.quantity)} {held.asset} at {plain(stop.trigger_price)}"
    _settle(ctx, plan, number, series, StepState.PROTECTED, message, trigger=stop.trigger_price)
    await _cancel_others(ctx, venue, stop)
    return True


def covers(stop: StopRequest, held: Position) -> bool:
    """Whether a resting stop closes the whole position."""
    return stop.symbol == held.symbol and stop.buys is (held.side is Side.SHORT) and stop.quantity >= held.quantity


async def _cancel_others(ctx: Context, venue: VenueAccount, keep: StopRequest) -> None:
    """Only once a stop is read back do the others of its position go; one that stays is harmless, because it only reduces."""
    for stop in venue.stops:
        if stop.symbol == keep.symbol and stop.client_id != keep.client_id:
            try:
                await ctx.broker.cancel(stop.account, stop.symbol, stop.client_id)
            except CockpitError as error:
                ctx.tell(f"{stop.account}: an older stop of {stop.symbol} could not be cancelled ({error})", account=stop.account)


async def _escalate(ctx: Context, plan: Plan, number: int, account: str, asset: str) -> None:
    """Not read back: raise the alarm, try another stop while the mark allows it, and flatten when time is up."""
    with ctx.store.view(ctx.book) as view:
        series = _series([i for i in view.intents(plan.plan.id, number) if i.role is Role.STOP])
        book = view.book()
    held = book.account(account).position(asset) if book else None
    if held is None:
        return
    newest, since = series[-1], ctx.now() - max(series[0].pinned_at, ctx.started_at)
    trigger = from_parameters(newest.parameters, StopRequest).trigger_price
    mark = ctx.snapshot([asset]).mark(held.symbol)
    passed = mark >= trigger if held.side is Side.SHORT else mark <= trigger
    if step_of(plan, number).action is Action.SET_STOP:
        if newest.resolved:
            _refuse_set_stop(ctx, plan, number)
        return
    if newest.resolved or since >= READ_BACK_WITHIN:
        _alarm(ctx, plan, number, f"{account}: {asset} HAS NO STOP at the venue")
    if since >= FLATTEN_AFTER or passed:
        await flatten(ctx, plan, number, account, held)
    elif ctx.now() - max(newest.pinned_at, ctx.started_at) >= (RETRY_AFTER if newest.resolved else READ_BACK_WITHIN):
        with ctx.store.begin(ctx.book) as unit:
            stop = insert_stop(ctx, unit, plan.plan.id, number, held, account, trigger)
            unit.journal(
                JournalKind.STOP,
                f"{account}: another stop of {plain(held.quantity)} {asset} at {plain(trigger)} is placed as {stop.client_id}",
                plan_id=plan.plan.id,
                step=number,
            )
        ctx.unsent.add(stop.client_id)


async def flatten(ctx: Context, plan: Plan, number: int, account: str, held: Position) -> None:
    """Close a position that could not be protected: reduce-only, immediate or cancel, within the collar; once at a time."""
    with ctx.store.begin(ctx.book) as unit:
        known = [i for i in unit.intents(plan.plan.id, number) if i.role is Role.FLATTEN]
        if known and not known[-1].resolved:
            return
        attempt = len(known) + 1
        coid = client_order_id(ctx.store.id, plan.plan.id, number, attempt, Role.FLATTEN)
        order = _closing_order(ctx, unit, coid, account, held)
        unit.insert_intent(
            coid,
            account=account,
            plan_id=plan.plan.id,
            step=number,
            attempt=attempt,
            role=Role.FLATTEN,
            symbol=held.symbol,
            parameters=to_parameters(order),
            baseline={"position": held.quantity * held.side.sign},
            pinned_at=ctx.now(),
            epoch=ctx.epochs[account],
            protective=True,
        )
        message = f"{account}: {plain(held.quantity)} {held.asset} is closed, because its stop could not be placed"
        unit.journal(JournalKind.ORDER, message, plan_id=plan.plan.id, step=number, data={"client_id": coid})
    ctx.unsent.add(coid)
    ctx.tell(message, plan_id=plan.plan.id, step=number, account=account, alarm=True)
    with ctx.store.view(ctx.book) as view:
        intent = view.intent(coid)
    if intent is None or not claim(ctx, intent):
        return
    try:
        report = await dispatch(ctx, intent)
    except CockpitError as error:
        mark_unknown(ctx, intent, str(error))
        return
    await take_report(ctx, plan, step_of(plan, number), intent, report)


def _closing_order(ctx: Context, unit: Unit, coid: str, account: str, held: Position) -> OrderRequest:
    book = unit.book()
    if book is None:
        raise StoreError(f"the store has no portfolio {unit.name}")
    market = ctx.snapshot([held.asset])
    mark, instrument = market.mark(held.symbol), market.instruments[held.symbol]
    collar = ctx.settings.limits.collar(sector_of(held.asset, book, ctx.universe))
    buys = held.side is Side.SHORT
    limit = instrument.sell_price(mark * (1 + collar)) if buys else instrument.buy_price(mark * (1 - collar))
    return OrderRequest(
        client_id=coid,
        account=account,
        symbol=held.symbol,
        buys=buys,
        quantity=held.quantity,
        limit_price=limit,
        reduce_only=True,
    )


def _series(stops: list[Intent]) -> list[Intent]:
    """The stop intents since the step was last protected, oldest first."""
    ordered = sorted(stops, key=lambda intent: intent.attempt)
    last = max((n for n, intent in enumerate(ordered) if intent.state is StepState.PROTECTED), default=-1)
    return ordered[last + 1 :] if last + 1 < len(ordered) else []


def _settle(
    ctx: Context,
    plan: Plan,
    number: int,
    series: list[Intent],
    state: StepState,
    message: str,
    *,
    trigger: Decimal | None = None,
) -> None:
    """Close the whole series: protected, or not needed any more; the step goes on to its end."""
    step, last = step_of(plan, number), series[-1]
    with ctx.store.begin(ctx.book) as unit:
        for intent in series:
            if not intent.resolved or intent is last:
                final = state if intent is last else StepState.CANCELLED
                unit.update_intent(intent.coid, final, epoch=ctx.epochs[intent.account], resolved=True)
        if trigger is not None:
            note_stop_price(unit, last.account, asset_of(last.symbol), trigger)
        shown, rest = finish_step(unit, plan, step)
        closed = [i for i in unit.intents(plan.plan.id, number) if i.role is Role.FLATTEN and i.state is StepState.FILLED]
        if closed:
            shown, rest = StepState.CANCELLED, "flattened: its stop could not be placed"
        unit.set_step(plan.plan.id, number, shown, message=rest or message)
        data = {"client_id": last.coid, "trigger": trigger}
        unit.journal(JournalKind.STOP, message, plan_id=plan.plan.id, step=number, data=data)
    for intent in series:
        ctx.unsent.discard(intent.coid)
    ctx.tell(message, plan_id=plan.plan.id, step=number, state=shown, account=last.account)


def _resolve(ctx: Context, intent: Intent, state: StepState, reason: str) -> None:
    message = f"{intent.account}: the stop of {intent.symbol} is not there: {reason}"
    with ctx.store.begin(ctx.book) as unit:
        unit.update_intent(intent.coid, state, epoch=ctx.epochs[intent.account], resolved=True)
        unit.journal(JournalKind.PROBLEM, message, plan_id=intent.plan_id, step=intent.step, data={"client_id": intent.coid})
    ctx.tell(message, plan_id=intent.plan_id, step=intent.step, account=intent.account)


def _alarm(ctx: Context, plan: Plan, number: int, message: str) -> None:
    with ctx.store.begin(ctx.book) as unit:
        row = unit.step(plan.plan.id, number)
        if row is not None and row.state is StepState.UNPROTECTED:
            return
        unit.set_step(plan.plan.id, number, StepState.UNPROTECTED, message=message)
        unit.journal(JournalKind.PROBLEM, message, plan_id=plan.plan.id, step=number)
    ctx.tell(message, plan_id=plan.plan.id, step=number, state=StepState.UNPROTECTED, alarm=True)


def _refuse_set_stop(ctx: Context, plan: Plan, number: int) -> None:
    """A set_stop step that the venue refuses changes nothing: the position stays as it was."""
    message = "the venue did not take the stop: the position stays as it was"
    with ctx.store.begin(ctx.book) as unit:
        unit.set_step(plan.plan.id, number, StepState.REJECTED, message=message)
        unit.journal(JournalKind.REFUSAL, f"step {number}: {message}", plan_id=plan.plan.id, step=number)
    ctx.tell(message, plan_id=plan.plan.id, step=number, state=StepState.REJECTED)
