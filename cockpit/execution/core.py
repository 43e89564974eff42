"""The executor's work, cycle by cycle, without a thread: venue events, look-ups, stops, then the next confirmed step."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import NamedTuple

from cockpit.execution.bookkeeping import last_event
from cockpit.execution.context import Context
from cockpit.execution.daily import Day
from cockpit.execution.guards import still_to_come
from cockpit.execution.recovery import Recovery
from cockpit.execution.sending import carry_out, step_of
from cockpit.execution.standing import all_over
from cockpit.execution.stops import cancel_orphans, protect
from cockpit.model.errors import CockpitError, StoreError, StoreLost
from cockpit.model.journal import JournalKind
from cockpit.model.orders import Role, StepState
from cockpit.store.rows import Command, CommandKind, CommandState, PlanState, StaleEpoch
from cockpit.store.store import Watch
from cockpit.store.unit import Unit

Part = Callable[[str], Awaitable[None]]


class _Calm(NamedTuple):
    """A version of the store at which nothing was left to be done, and each account's last event that is taken in."""

    version: str
    events: dict[str, int]


_RESTING = (StepState.OPEN, StepState.PARTIAL)


class Core:
    """One executor's work over the accounts of a book. Every method may die at any point and be begun again by another.

    Once begun it holds a connection of the store until `end`.
    """

    def __init__(self, ctx: Context, owner: str) -> None:
        self.ctx = ctx
        self.recovery = Recovery(ctx)
        self._owner = owner
        self._day = Day(ctx)
        self._watch: Watch | None = None
        self._calm: _Calm | None = None

    async def begin(self) -> None:
        """Take over: a new epoch for every account; what was confirmed and not begun must be confirmed again."""
        ctx = self.ctx
        self._watch, self._calm = self._watch or ctx.store.watch(), None
        with ctx.store.begin(ctx.book) as unit:
            book = unit.book()
            if book is None:
                raise StoreError(f"the store has no portfolio {ctx.book}")
            ctx.epochs.update({account.id: unit.take_lease(account.id, self._owner) for account in book.accounts})
            for command in unit.commands(CommandState.WAITING):
                self._forget(unit, command)
        for account in ctx.worked:
            try:
                await cancel_orphans(ctx, account)
            except CockpitError as error:
                ctx.tell(str(error), account=account)

    def end(self) -> None:
        """Give the connection back."""
        if self._watch is not None:
            self._watch.close()
            self._watch = None

    async def cycle(self) -> None:
        """One round over every account, then over what screens have asked for. CockpitErrors are told and met again next time.

        Where nothing was left to be done and nobody has committed anything since, only the venue can have done something.
        """
        self._day.note()
        if await self._still_calm():
            return
        version = self._watch.version() if self._watch is not None else ""
        went_well = [await self._round(account) for account in self.ctx.worked]
        with self.ctx.store.view(self.ctx.book) as view:
            commands = view.commands(CommandState.WAITING)
            halted = view.halted().halted
        if halted:
            await self._cancel_entries()
        for command in commands:
            await self._command(command)
        self._note_ends()
        self._calm = self._calmed(version) if all(went_well) else None

    async def _still_calm(self) -> bool:
        """Whether nobody has committed anything since nothing was left to be done, and the venue has done nothing by itself."""
        calm, self._calm = self._calm, None
        if calm is None or self._watch is None or self._watch.version() != calm.version:
            return False
        for account, after in calm.events.items():
            try:
                if await self.ctx.broker.events(account, after):
                    return False
            except CockpitError:
                return False  # the round that follows meets it again, and tells it
        self._calm = calm
        return True

    def _calmed(self, version: str) -> _Calm | None:
        """None where something is to be looked at again as time passes: an order, a stop, a step without one, a command."""
        with self.ctx.store.view(self.ctx.book) as view:
            naked = view.steps_in(StepState.PROTECTING, StepState.UNPROTECTED)
            if naked or view.unresolved_intents() or view.commands(CommandState.WAITING):
                return None
            return _Calm(version, {account: last_event(view, account) for account in self.ctx.worked})

    @property
    def accounts(self) -> tuple[str, ...]:
        """The accounts that this executor writes."""
        return self.ctx.worked

    async def _round(self, account: str) -> bool:
        parts: tuple[Part, ...] = (self.recovery.take_in_events, self.recovery.resolve, partial(protect, self.ctx))
        return all([await self._part(part, account) for part in parts])

    async def _part(self, part: Part, account: str) -> bool:
        """Whether it went well; what did not is told."""
        try:
            await part(account)
        except (StaleEpoch, StoreLost):
            raise
        except CockpitError as error:
            self.ctx.tell(str(error), account=account)
            return False
        return True

    async def _command(self, command: Command) -> None:
        if command.kind is not CommandKind.CONFIRM:
            return
        try:
            await carry_out(self.ctx, command)
            account = self._account_of(command)
            await protect(self.ctx, account)
            if self._reduced(command):
                await cancel_orphans(self.ctx, account)
            self._look_ahead(command.plan_id)
        except (StaleEpoch, StoreLost):
            raise
        except CockpitError as error:
            self._undo(command, str(error))

    def _account_of(self, command: Command) -> str:
        with self.ctx.store.view(self.ctx.book) as view:
            row = view.plan(command.plan_id)
        if row is None:
            raise StoreError(f"the store has no plan {command.plan_id}")
        return step_of(row.plan, command.step).account

    def _reduced(self, command: Command) -> bool:
        with self.ctx.store.view(self.ctx.book) as view:
            row = view.plan(command.plan_id)
        return row is not None and step_of(row.plan, command.step).action.reduces

    def _look_ahead(self, plan_id: str) -> None:
        """After a step the steps that are left are held against the actual book and market; what would go wrong is told."""
        ctx = self.ctx
        with ctx.store.view(ctx.book) as view:
            row, book = view.plan(plan_id), view.book()
            if row is None or book is None or row.state is not PlanState.BEGUN:
                return
            market = ctx.snapshot({*book.assets(), *(s.asset for s in row.plan.steps if s.asset)})
            found = still_to_come(ctx, view, row.plan, book, market)
        for refusal in found:
            ctx.tell(f"{refusal.message} ({refusal.rule})", plan_id=plan_id)

    def _undo(self, command: Command, reason: str) -> None:
        """A confirmation that failed before its intent goes back to the trader; one that failed later is looked up."""
        ctx = self.ctx
        with ctx.store.begin(ctx.book) as unit:
            row = unit.step(command.plan_id, command.step)
            if row is not None and row.state is StepState.CONFIRMED:
                unit.set_step(command.plan_id, command.step, StepState.DENIED, message=reason)
                unit.answer_command(command.seq, CommandState.REFUSED, reason)
                unit.journal(
                    JournalKind.REFUSAL, f"step {command.step} refused: {reason}", plan_id=command.plan_id, step=command.step
                )
            state = unit.step(command.plan_id, command.step)
        ctx.tell(reason, plan_id=command.plan_id, step=command.step, state=state.state if state else None)

    def _forget(self, unit: Unit, command: Command) -> None:
        """After a restart a confirmation without an intent is void: nothing was sent, so it is asked for again."""
        unit.answer_command(command.seq, CommandState.REFUSED, "the executor was restarted: confirm again")
        row = unit.step(command.plan_id, command.step)
        if row is not None and row.state is StepState.CONFIRMED:
            unit.set_step(command.plan_id, command.step, StepState.PREVIEWED, message="restarted: confirm again")

    async def _cancel_entries(self) -> None:
        """A halt takes back entry orders that rest; stops stay."""
        ctx = self.ctx
        with ctx.store.view(ctx.book) as view:
            resting = [i for i in view.unresolved_intents() if i.role is Role.ENTRY and i.state in _RESTING and i.symbol]
        for intent in resting:
            try:
                await ctx.broker.cancel(intent.account, intent.symbol, intent.coid)
            except CockpitError as error:
                ctx.tell(f"{intent.symbol}: the order could not be cancelled yet ({error})", account=intent.account)

    def _note_ends(self) -> None:
        """A plan is done once every step of it is."""
        ctx = self.ctx
        with ctx.store.view(ctx.book) as view:
            done = [p.id for p in view.plans(PlanState.MADE, PlanState.BEGUN) if all_over(view, p.id)]
        for plan_id in done:
            with ctx.store.begin(ctx.book) as unit:
                unit.set_plan_state(plan_id, PlanState.DONE)
            ctx.tell("the plan is done", plan_id=plan_id)
