"""What one transaction may change: the book, plans and steps, intents and fills, leases, the halt, and the journal of it all."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from msgspec.structs import replace
from sqlalchemy import Connection, Executable, delete, insert, select, update

from cockpit.model.book import Book
from cockpit.model.errors import StoreError
from cockpit.model.journal import JournalKind, JournalRow
from cockpit.model.orders import Fill, Role, StepState
from cockpit.model.plan import Plan
from cockpit.model.text import sanitise
from cockpit.model.wire import json_of
from cockpit.store import schema
from cockpit.store.database import Database
from cockpit.store.encoding import redact, time_text, words
from cockpit.store.rows import AlreadyThere, CommandKind, CommandState, PlanState, RevisionConflict, StaleEpoch
from cockpit.store.view import View


class Unit(View):
    """Reads and writes of one transaction that holds the write lock; `now` is its time. All of it happens, or nothing."""

    def __init__(self, database: Database, connection: Connection, name: str, now: datetime) -> None:
        super().__init__(database, connection, name)
        self.now = now

    def save_book(self, book: Book, expected_revision: int) -> int:
        """Replace the book and raise its revision, which is returned. RevisionConflict if it is not at `expected_revision`."""
        found = self.revision()
        if found != expected_revision:
            raise RevisionConflict(self.name, expected_revision, found)
        if book.name != self.name:
            raise StoreError(f"a book named {book.name} cannot be kept as {self.name}")
        table = schema.book
        self.run(
            update(table)
            .where(table.c.name == self.name)
            .values(revision=found + 1, content=json_of(replace(book, revision=found + 1)), updated_at=self._at)
        )
        return found + 1

    def journal(
        self,
        kind: JournalKind,
        message: str,
        *,
        plan_id: str | None = None,
        step: int | None = None,
        data: Mapping[str, object] | None = None,
    ) -> JournalRow:
        """Append an event; numbers in `data` are kept as exact strings, credentials are not.

        An event of a step keeps that step's asset with it, so that it is found by it.
        """
        revision = self.revision()
        text = sanitise(str(redact(message)), limit=1000)
        kept = words(data or {})
        if asset := self._asset_of(plan_id, step):
            kept = {"asset": asset, **kept}
        seq = self._insert(
            schema.journal,
            at=self._at,
            book=self.name,
            kind=kind,
            message=text,
            revision=revision,
            plan_id=plan_id,
            step=step,
            data=json_of(kept),
        )
        return JournalRow(
            seq=seq,
            at=self.now,
            book=self.name,
            kind=kind,
            message=text,
            revision=revision,
            plan_id=plan_id,
            step=step,
            data=kept,
        )

    def _asset_of(self, plan_id: str | None, step: int | None) -> str:
        row = self.plan(plan_id) if plan_id is not None and step is not None else None
        steps = row.plan.steps if row is not None else ()
        return steps[step - 1].asset or "" if step is not None and 1 <= step <= len(steps) else ""

    def put_plan(
        self, plan: Plan, *, basis_revision: int, expires_at: datetime | None = None, state: PlanState = PlanState.MADE
    ) -> bool:
        """Keep a plan with its steps as PREVIEWED; False if it is known already (its id is its content's hash)."""
        if self.plan(plan.plan.id) is not None:
            return False
        self._insert(
            schema.plan,
            id=plan.plan.id,
            book=self.name,
            basis_revision=basis_revision,
            content=json_of(plan),
            created_at=self._at,
            expires_at=time_text(expires_at) if expires_at else None,
            state=state,
        )
        for step in plan.steps:
            self.set_step(plan.plan.id, step.number, StepState.PREVIEWED)
        return True

    def set_plan_state(self, plan_id: str, state: PlanState) -> None:
        """Note what became of a plan."""
        self._changed_one(update(schema.plan).where(schema.plan.c.id == plan_id).values(state=state), f"plan {plan_id}")

    def set_step(
        self,
        plan_id: str,
        number: int,
        state: StepState,
        *,
        attempt: int | None = None,
        shown_hash: str | None = None,
        message: str = "",
    ) -> None:
        """Note where a step stands; `attempt` and `shown_hash` stay as they are where None is given."""
        known = self.step(plan_id, number)
        table = schema.step
        values: dict[str, object] = {
            "state": state,
            "message": sanitise(str(redact(message)), limit=1000),
            "updated_at": self._at,
        }
        if known is None:
            self._insert(table, plan_id=plan_id, number=number, attempt=attempt or 1, shown_hash=shown_hash, **values)
            return
        if attempt is not None:
            values["attempt"] = attempt
        if shown_hash is not None:
            values["shown_hash"] = shown_hash
        self.run(update(table).where(table.c.plan_id == plan_id, table.c.number == number).values(**values))

    def put_command(
        self, kind: CommandKind, plan_id: str, step: int, *, attempt: int, shown_hash: str = "", revision: int | None = None
    ) -> int:
        """Ask the executor for something; its number. AlreadyThere if that was asked for this attempt before."""
        if self.command(kind, plan_id, step, attempt) is not None:
            raise AlreadyThere(f"step {step} was asked to {kind} before; look at what became of it")
        return self._insert(
            schema.command,
            book=self.name,
            kind=kind,
            plan_id=plan_id,
            step=step,
            attempt=attempt,
            shown_hash=shown_hash,
            revision=self.revision() if revision is None else revision,
            at=self._at,
            state=CommandState.WAITING,
            answer="",
        )

    def answer_command(self, seq: int, state: CommandState, answer: str = "") -> None:
        """Note that a command was taken up or refused, with the sentence for the trader."""
        values = {"state": state, "answer": sanitise(answer, limit=1000)}
        self._changed_one(update(schema.command).where(schema.command.c.seq == seq).values(**values), f"command {seq}")

    def insert_intent(
        self,
        coid: str,
        *,
        account: str,
        plan_id: str,
        step: int,
        attempt: int,
        role: Role,
        symbol: str,
        parameters: Any,
        baseline: Any,
        pinned_at: datetime,
        epoch: int,
        protective: bool,
        state: StepState = StepState.INTENT,
    ) -> None:
        """Note, before it is sent, a request that may then have been sent.

        AlreadyThere if the attempt has one of this role, or if the account has another unresolved entry. StaleEpoch if `epoch`
        is not the account's present one.
        """
        if not protective and (open_ones := self.unresolved_intents(account, protective=False)):
            other = open_ones[0]
            raise AlreadyThere(
                f"{account}: step {other.step} is {other.state}; its order must be resolved before another is sent"
            )
        if any(known.attempt == attempt and known.role is role for known in self.intents(plan_id, step)):
            raise AlreadyThere(f"{account}: attempt {attempt} of step {step} was sent before as {role}")
        self.check_lease(account, epoch)
        self._insert(
            schema.intent,
            coid=coid,
            book=self.name,
            account=account,
            plan_id=plan_id,
            step=step,
            attempt=attempt,
            role=role,
            symbol=symbol,
            parameters=json_of(redact(parameters)),
            baseline=json_of(redact(baseline)),
            pinned_at=time_text(pinned_at),
            epoch=epoch,
            state=state,
            protective=protective,
            resolved=False,
            updated_at=self._at,
        )

    def update_intent(self, coid: str, state: StepState, *, epoch: int, resolved: bool | None = None) -> None:
        """Note what became of an intent. StaleEpoch if `epoch` is not the account's present one."""
        known = self.intent(coid)
        if known is not None:
            self.check_lease(known.account, epoch)
        values: dict[str, object] = {"state": state, "epoch": epoch, "updated_at": self._at}
        if resolved is not None:
            values["resolved"] = resolved
        self._changed_one(update(schema.intent).where(schema.intent.c.coid == coid).values(**values), f"intent {coid}")

    def insert_fill(self, fill: Fill, *, epoch: int) -> bool:
        """Keep a venue's trade; False if it is known already. StaleEpoch if `epoch` is not the account's present one."""
        table = schema.fill
        key = (table.c.book == self.name, table.c.account == fill.account, table.c.symbol == fill.symbol)
        if self._one(select(table.c.seq).where(*key, table.c.trade_id == fill.trade_id)) is not None:
            return False
        self.check_lease(fill.account, epoch)
        self._insert(
            table,
            book=self.name,
            account=fill.account,
            symbol=fill.symbol,
            trade_id=fill.trade_id,
            coid=fill.client_id,
            epoch=epoch,
            at=time_text(fill.at),
            content=json_of(fill),
        )
        return True

    def add_evidence(self, coid: str, kind: str, data: Any) -> None:
        """Keep what a venue answered, without credentials."""
        self._insert(schema.evidence, at=self._at, book=self.name, coid=coid, kind=kind, data=json_of(redact(data)))

    def take_lease(self, account: str, owner: str) -> int:
        """Become the account's executor: its new epoch, above every one before. Older writers are refused from here on."""
        known = self.lease(account)
        if known is None:
            self._insert(schema.lease, book=self.name, account=account, epoch=1, owner=owner, taken_at=self._at)
            return 1
        table = schema.lease
        self.run(
            update(table)
            .where(table.c.book == self.name, table.c.account == account)
            .values(epoch=known.epoch + 1, owner=owner, taken_at=self._at)
        )
        return known.epoch + 1

    def check_lease(self, account: str, epoch: int) -> None:
        """StaleEpoch if another executor has taken over since `epoch`."""
        known = self.lease(account)
        if known is None or known.epoch != epoch:
            raise StaleEpoch(schema.STALE_EPOCH)

    def set_halt(self, halted: bool, reason: str = "") -> None:
        """Stop, or allow again, every order that adds risk, for the whole store."""
        self.run(delete(schema.halt))
        self._insert(schema.halt, scope="all", halted=halted, reason=sanitise(reason, limit=400), at=self._at)

    def set_bookmark(self, key: str, value: str) -> None:
        """Keep a value under a key."""
        table = schema.bookmark
        self.run(delete(table).where(table.c.book == self.name, table.c.key == key))
        self._insert(table, book=self.name, key=key, value=value)

    def drop_bookmarks(self, prefix: str) -> None:
        """Forget every value whose key begins with `prefix`."""
        table = schema.bookmark
        self.run(delete(table).where(table.c.book == self.name, table.c.key.startswith(prefix, autoescape=True)))

    @property
    def _at(self) -> str:
        return time_text(self.now)

    def _insert(self, table: Any, **values: object) -> int:
        """Insert a row; its number where the table counts."""
        with self._database.sentences():
            keys = self._connection.execute(insert(table).values(**values)).inserted_primary_key
        return int(keys[0]) if keys and isinstance(keys[0], int) else 0

    def run(self, statement: Executable) -> int:
        """Execute a statement within this transaction; how many rows it touched."""
        with self._database.sentences():
            return self._connection.execute(statement).rowcount

    def _changed_one(self, statement: Executable, what: str) -> None:
        if self.run(statement) != 1:
            raise StoreError(f"store {self._database.name} does not know {what}")
