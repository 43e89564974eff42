"""An order of which nobody knows whether the venue has it: looked up rung by rung, and never sent again.

Found: its fills are taken in. Absent only once the venue can no longer accept or show it (its horizon) and two clean look-ups
agree, on an account that nothing unexplained has changed. A rung that fails is no evidence. What stays open goes to a person.
"""

from datetime import datetime, timedelta

from cockpit.execution.bookkeeping import differences, new_events, take_in
from cockpit.execution.context import Context
from cockpit.execution.sending import step_of, take_report
from cockpit.model.errors import BadInput, CockpitError, StoreError
from cockpit.model.journal import JournalKind
from cockpit.model.ledger import LedgerError
from cockpit.model.money import ZERO
from cockpit.model.orders import OrderReport, OrderStatus, Role, StepState
from cockpit.store.rows import Intent

APART = timedelta(seconds=2)
"""Between the two clean look-ups that prove absence."""
ESCALATE_AFTER = timedelta(seconds=60)
"""Beyond the venue's horizon, before a person is asked."""


class Recovery:
    """Resolves intents that may have been sent. It remembers when it first found an order absent."""

    def __init__(self, ctx: Context) -> None:
        self._ctx = ctx
        self._absent_since: dict[str, datetime] = {}

    async def take_in_events(self, account: str) -> None:
        """Bring what the venue did on its own into the book."""
        ctx = self._ctx
        events = await new_events(ctx, account)
        if not events:
            return
        with ctx.store.begin(ctx.book) as unit:
            told = take_in(ctx, unit, account, (), events)
        for message in told:
            ctx.tell(message, account=account)

    async def resolve(self, account: str) -> None:
        """Look up every unresolved order and transfer of an account; stops look after themselves."""
        with self._ctx.store.view(self._ctx.book) as view:
            waiting = [intent for intent in view.unresolved_intents(account) if intent.role is not Role.STOP]
        for intent in waiting:
            if intent.coid in self._ctx.unsent:
                self._never_sent(intent)
            else:
                await self._look_up(intent)

    def not_placed_says_a_person(self, coid: str, reason: str) -> None:
        """A person has looked at the venue and answers for it that the order is not there; BadInput unless they were asked."""
        with self._ctx.store.view(self._ctx.book) as view:
            intent = view.intent(coid)
        if intent is None or intent.state is not StepState.NEEDS_HUMAN:
            raise BadInput(f"{coid}: only an order that needs a person can be resolved by one")
        self._close(intent, f"not placed, a person says: {reason}")

    async def _look_up(self, intent: Intent) -> None:
        try:
            report = await self._climb(intent)
            if report is not None:
                await self._adopt(intent, report)
                return
            clean = await self._nothing_unexplained(intent.account)
        except CockpitError as error:
            self._absent_since.pop(intent.coid, None)
            self._escalate(intent, str(error))
            return
        if clean and self._proven_absent(intent):
            self._close(intent, "the venue does not have it: not placed")
        else:
            self._escalate(intent, "not found, and its absence is not proven yet")

    async def _climb(self, intent: Intent) -> OrderReport | None:
        """By client id; then among what rests at the venue. Trades and events come with the order that they belong to."""
        ctx = self._ctx
        report = await ctx.broker.find(intent.account, intent.symbol, intent.coid)
        if report is not None:
            return report
        venue = await ctx.broker.account(intent.account)
        return next((order for order in venue.open_orders if order.client_id == intent.coid), None)

    async def _adopt(self, intent: Intent, report: OrderReport) -> None:
        ctx = self._ctx
        with ctx.store.view(ctx.book) as view:
            row = view.plan(intent.plan_id)
            known = sum((fill.quantity for fill in view.fills(coid=intent.coid)), ZERO)
        if row is None:
            raise StoreError(f"the store has no plan {intent.plan_id}")
        self._absent_since.pop(intent.coid, None)
        if report.status is OrderStatus.OPEN and intent.state in (StepState.OPEN, StepState.PARTIAL) and known == report.filled:
            return
        try:
            await take_report(ctx, row.plan, step_of(row.plan, intent.step), intent, report)
        except LedgerError as error:
            self._escalate(intent, f"the venue's trades do not fit the book: {error}")

    async def _nothing_unexplained(self, account: str) -> bool:
        """Whether the venue's account is the one that the book explains."""
        ctx = self._ctx
        await self.take_in_events(account)
        venue = await ctx.broker.account(account)
        with ctx.store.view(ctx.book) as view:
            book = view.book()
        return book is not None and not differences(book.account(account), venue.account)

    def _proven_absent(self, intent: Intent) -> bool:
        horizon = self._ctx.broker.horizon
        now = self._ctx.now()
        if horizon is None or now < intent.pinned_at + horizon:
            return False
        first = self._absent_since.setdefault(intent.coid, now)
        return not horizon or now - first >= APART

    def _close(self, intent: Intent, message: str) -> None:
        ctx = self._ctx
        with ctx.store.begin(ctx.book) as unit:
            unit.update_intent(intent.coid, StepState.NOT_PLACED, epoch=ctx.epochs[intent.account], resolved=True)
            if intent.role is Role.ENTRY:
                unit.set_step(intent.plan_id, intent.step, StepState.NOT_PLACED, message=message)
            sentence = f"step {intent.step}: {message}"
            unit.journal(JournalKind.ORDER, sentence, plan_id=intent.plan_id, step=intent.step, data={"client_id": intent.coid})
        self._absent_since.pop(intent.coid, None)
        ctx.tell(message, plan_id=intent.plan_id, step=intent.step, state=StepState.NOT_PLACED)

    def _never_sent(self, intent: Intent) -> None:
        """Committed here and not sent: this process knows that nothing went out."""
        self._ctx.unsent.discard(intent.coid)
        self._close(intent, "it was not sent; confirm it again")

    def _escalate(self, intent: Intent, reason: str) -> None:
        """UNKNOWN at once; NEEDS_HUMAN once its time is over. The look-ups go on."""
        ctx = self._ctx
        over = ctx.now() - max(intent.pinned_at, ctx.started_at) >= (ctx.broker.horizon or timedelta(0)) + ESCALATE_AFTER
        state = StepState.NEEDS_HUMAN if over else StepState.UNKNOWN
        if intent.state is state:
            return
        with ctx.store.begin(ctx.book) as unit:
            unit.update_intent(intent.coid, state, epoch=ctx.epochs[intent.account])
            if intent.role is Role.ENTRY:
                unit.set_step(intent.plan_id, intent.step, state, message=reason)
            unit.journal(
                JournalKind.PROBLEM, f"step {intent.step} is {state}: {reason}", plan_id=intent.plan_id, step=intent.step
            )
        ctx.tell(reason, plan_id=intent.plan_id, step=intent.step, state=state, alarm=over)
