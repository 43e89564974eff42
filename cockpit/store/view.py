"""What one moment of a portfolio's part of the store says."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import msgspec
from msgspec.structs import replace
from sqlalchemy import Connection, Row, Select, func, select
from sqlalchemy.sql.expression import ColumnElement

from cockpit.model.book import Book
from cockpit.model.journal import JournalKind, JournalRow
from cockpit.model.orders import Fill, Role, StepState
from cockpit.model.plan import Plan
from cockpit.model.wire import prepared
from cockpit.store import schema
from cockpit.store.database import Database
from cockpit.store.encoding import time_of, time_text, visible
from cockpit.store.rows import (
    BookRow,
    Command,
    CommandKind,
    CommandState,
    Evidence,
    Halt,
    Intent,
    Lease,
    PlanRow,
    PlanState,
    StepRow,
)


class View:
    """Reads over one transaction, for the portfolio `name`; nothing that it hands out changes afterwards."""

    def __init__(self, database: Database, connection: Connection, name: str) -> None:
        self.name = name
        self._database = database
        self._connection = connection

    def book(self) -> Book | None:
        """The book at its present revision; None if this portfolio was never opened."""
        row = self.book_row()
        return row.book if row else None

    def book_row(self) -> BookRow | None:
        """The book with where it came from."""
        row = self._one(select(schema.book).where(schema.book.c.name == self.name))
        if row is None:
            return None
        return BookRow(
            book=replace(msgspec.json.decode(row.content, type=prepared(Book)), revision=row.revision),
            source_path=row.source_path,
            source_fingerprint=row.source_fingerprint,
            opened_revision=row.opened_revision,
            opened_seq=row.opened_seq,
            opened_at=time_of(row.opened_at),
            updated_at=time_of(row.updated_at),
        )

    def revision(self) -> int:
        """The book's revision; 0 if this portfolio was never opened."""
        row = self._one(select(schema.book.c.revision).where(schema.book.c.name == self.name))
        return int(row.revision) if row else 0

    def journal_rows(self, *, after: int = 0, limit: int | None = None) -> tuple[JournalRow, ...]:
        """The newest `limit` events of this portfolio with a `seq` above `after`, oldest first."""
        return journal_rows(self._connection, book=self.name, after=after, limit=limit)

    def newest_seq(self, until: datetime | None = None) -> int:
        """The `seq` of this portfolio's newest event, or of its newest one up to a time of the store's clock; 0 without one."""
        table = schema.journal
        query = select(func.max(table.c.seq)).where(table.c.book == self.name)
        row = self._one(query if until is None else query.where(table.c.at <= time_text(until)))
        return int(row[0] or 0) if row else 0

    def events_since(self, kind: JournalKind, since: datetime) -> tuple[JournalRow, ...]:
        """The events of one kind at or after a time of the store's clock, oldest first."""
        table = schema.journal
        where = (table.c.book == self.name, table.c.kind == kind, table.c.at >= time_text(since))
        return tuple(map(_journal, self._all(select(table).where(*where).order_by(table.c.seq))))

    def plan(self, plan_id: str) -> PlanRow | None:
        """A plan of this portfolio by its id."""
        table = schema.plan
        row = self._one(select(table).where(table.c.id == plan_id, table.c.book == self.name))
        return _plan(row) if row else None

    def plans(self, *states: PlanState) -> tuple[PlanRow, ...]:
        """The plans in any of `states` (all without one), oldest first."""
        table = schema.plan
        query = select(table).where(table.c.book == self.name).order_by(table.c.created_at, table.c.id)
        return tuple(map(_plan, self._all(query.where(table.c.state.in_(states)) if states else query)))

    def newest_plan(self, since_revision: int = 0) -> PlanRow | None:
        """The plan that was made last, on the book's revision `since_revision` or a later one."""
        table = schema.plan
        where = (table.c.book == self.name, table.c.basis_revision >= since_revision)
        row = self._one(select(table).where(*where).order_by(table.c.created_at.desc(), table.c.id.desc()).limit(1))
        return _plan(row) if row else None

    def step(self, plan_id: str, number: int) -> StepRow | None:
        """Where a step stands."""
        table = schema.step
        row = self._one(select(table).where(table.c.plan_id == plan_id, table.c.number == number))
        return _step(row) if row else None

    def steps(self, plan_id: str) -> tuple[StepRow, ...]:
        """Where the steps of a plan stand, by number."""
        table = schema.step
        return tuple(map(_step, self._all(select(table).where(table.c.plan_id == plan_id).order_by(table.c.number))))

    def steps_in(self, *states: StepState) -> tuple[StepRow, ...]:
        """The steps of this portfolio's plans that stand in any of `states`, in the order in which they came there."""
        table, plan = schema.step, schema.plan
        query = (
            select(table)
            .select_from(table.join(plan, plan.c.id == table.c.plan_id))
            .where(plan.c.book == self.name, table.c.state.in_(states))
            .order_by(table.c.updated_at, table.c.number)
        )
        return tuple(map(_step, self._all(query)))

    def steps_done(self, since: datetime | None = None) -> int:
        """How many steps were done since the portfolio's file was opened, or since a later time of the store's clock."""
        step, plan, book = schema.step, schema.plan, schema.book
        query = (
            select(func.count())
            .select_from(step.join(plan, plan.c.id == step.c.plan_id).join(book, book.c.name == plan.c.book))
            .where(plan.c.book == self.name, step.c.state == StepState.DONE, step.c.updated_at >= book.c.opened_at)
        )
        return int(self._all(query if since is None else query.where(step.c.updated_at > time_text(since)))[0][0])

    def commands(self, state: CommandState = CommandState.WAITING) -> tuple[Command, ...]:
        """The commands in a state, oldest first."""
        table = schema.command
        query = select(table).where(table.c.book == self.name, table.c.state == state).order_by(table.c.seq)
        return tuple(map(_command, self._all(query)))

    def command(self, kind: CommandKind, plan_id: str, step: int, attempt: int) -> Command | None:
        """The command of that kind for an attempt of a step, whatever became of it."""
        table = schema.command
        where = (table.c.kind == kind, table.c.plan_id == plan_id, table.c.step == step, table.c.attempt == attempt)
        row = self._one(select(table).where(*where))
        return _command(row) if row else None

    def commands_of(self, plan_id: str, kind: CommandKind) -> tuple[Command, ...]:
        """What was asked of a plan's steps, whatever became of it, oldest first."""
        table = schema.command
        query = select(table).where(table.c.plan_id == plan_id, table.c.kind == kind).order_by(table.c.seq)
        return tuple(map(_command, self._all(query)))

    def intent(self, coid: str) -> Intent | None:
        """An intent by its client order id."""
        row = self._one(select(schema.intent).where(schema.intent.c.coid == coid))
        return _intent(row) if row else None

    def intents(self, plan_id: str, step: int | None = None) -> tuple[Intent, ...]:
        """The intents of a plan, or of one of its steps, in the order of their steps and times."""
        table = schema.intent
        query = select(table).where(table.c.plan_id == plan_id).order_by(table.c.step, table.c.pinned_at, table.c.coid)
        return tuple(map(_intent, self._all(query if step is None else query.where(table.c.step == step))))

    def newest_intents(self, symbols: Collection[str], limit: int) -> tuple[Intent, ...]:
        """The newest `limit` intents in any of `symbols`, newest first."""
        table = schema.intent
        query = select(table).where(table.c.book == self.name, table.c.symbol.in_(symbols))
        return tuple(map(_intent, self._all(query.order_by(table.c.pinned_at.desc(), table.c.coid.desc()).limit(limit))))

    def newest_fills(self, symbols: Collection[str], limit: int) -> tuple[Fill, ...]:
        """The newest `limit` trades in any of `symbols`, newest first."""
        table = schema.fill
        query = select(table.c.content).where(table.c.book == self.name, table.c.symbol.in_(symbols))
        rows = self._all(query.order_by(table.c.seq.desc()).limit(limit))
        return tuple(msgspec.json.decode(row.content, type=prepared(Fill)) for row in rows)

    def unresolved_intents(self, account: str | None = None, *, protective: bool | None = None) -> tuple[Intent, ...]:
        """The intents of which something may still come, oldest first; of one account, of one sort, or all."""
        table = schema.intent
        where: list[ColumnElement[bool]] = [table.c.book == self.name, table.c.resolved.is_(False)]
        if account is not None:
            where.append(table.c.account == account)
        if protective is not None:
            where.append(table.c.protective.is_(protective))
        return tuple(map(_intent, self._all(select(table).where(*where).order_by(table.c.pinned_at, table.c.coid))))

    def fills(self, *, coid: str | None = None, account: str | None = None) -> tuple[Fill, ...]:
        """The venue's trades, in the order in which they were learnt; of one order, of one account, or all."""
        table = schema.fill
        query = select(table.c.content).where(table.c.book == self.name).order_by(table.c.seq)
        if coid is not None:
            query = query.where(table.c.coid == coid)
        if account is not None:
            query = query.where(table.c.account == account)
        return tuple(msgspec.json.decode(row.content, type=prepared(Fill)) for row in self._all(query))

    def fills_of(self, plan_id: str) -> tuple[Fill, ...]:
        """The venue's trades for every order of a plan, in the order in which they were learnt."""
        fill, intent = schema.fill, schema.intent
        query = (
            select(fill.c.content)
            .select_from(fill.join(intent, intent.c.coid == fill.c.coid))
            .where(fill.c.book == self.name, intent.c.plan_id == plan_id)
            .order_by(fill.c.seq)
        )
        return tuple(msgspec.json.decode(row.content, type=prepared(Fill)) for row in self._all(query))

    def evidence(self, coid: str) -> tuple[Evidence, ...]:
        """What the venue answered about an order, oldest first."""
        table = schema.evidence
        rows = self._all(select(table).where(table.c.coid == coid, table.c.book == self.name).order_by(table.c.seq))
        return tuple(
            Evidence(
                seq=r.seq, at=time_of(r.at), book=r.book, coid=r.coid, kind=r.kind, data=msgspec.json.decode(r.data)
            )
            for r in rows
        )  # fmt: skip

    def lease(self, account: str) -> Lease | None:
        """Who executes an account; None if nobody ever did."""
        table = schema.lease
        row = self._one(select(table).where(table.c.book == self.name, table.c.account == account))
        if row is None:
            return None
        return Lease(book=row.book, account=row.account, epoch=row.epoch, owner=row.owner, taken_at=time_of(row.taken_at))

    def leased_accounts(self) -> tuple[str, ...]:
        """The accounts of this portfolio that were ever executed."""
        table = schema.lease
        return tuple(
            r.account for r in self._all(select(table.c.account).where(table.c.book == self.name).order_by(table.c.account))
        )

    def halted(self) -> Halt:
        """Whether the whole store is halted."""
        row = self._one(select(schema.halt))
        if row is None:
            return Halt(halted=False, reason="", at=None)
        return Halt(halted=row.halted, reason=visible(row.reason), at=time_of(row.at))

    def bookmark(self, key: str) -> str | None:
        """A value kept under a key, such as how far a venue's events were read."""
        table = schema.bookmark
        row = self._one(select(table.c.value).where(table.c.book == self.name, table.c.key == key))
        return str(row.value) if row else None

    def bookmarks(self, prefix: str) -> tuple[str, ...]:
        """The values under every key that begins with `prefix`."""
        table = schema.bookmark
        query = select(table.c.value).where(table.c.book == self.name, table.c.key.startswith(prefix, autoescape=True))
        return tuple(str(row.value) for row in self._all(query))

    def _one(self, query: Select[Any]) -> Row[Any] | None:
        with self._database.sentences():
            return self._connection.execute(query).one_or_none()

    def _all(self, query: Select[Any]) -> list[Row[Any]]:
        with self._database.sentences():
            return list(self._connection.execute(query).all())


def journal_rows(connection: Connection, *, book: str | None, after: int = 0, limit: int | None = None) -> tuple[JournalRow, ...]:
    """The newest `limit` events with a `seq` above `after`, oldest first, of one portfolio or of all."""
    table = schema.journal
    query = select(table).where(table.c.seq > after).order_by(table.c.seq.desc()).limit(limit)
    if book is not None:
        query = query.where(table.c.book == book)
    return tuple(map(_journal, reversed(connection.execute(query).all())))


def _journal(row: Row[Any]) -> JournalRow:
    return JournalRow(
        seq=row.seq,
        at=time_of(row.at),
        book=visible(row.book),
        kind=JournalKind(row.kind),
        message=visible(row.message),
        revision=row.revision,
        plan_id=visible(row.plan_id) if row.plan_id is not None else None,
        step=row.step,
        data={visible(key): visible(word) for key, word in msgspec.json.decode(row.data, type=dict[str, str]).items()},
    )


def _plan(row: Row[Any]) -> PlanRow:
    return PlanRow(
        id=row.id,
        book=row.book,
        basis_revision=row.basis_revision,
        plan=msgspec.json.decode(row.content, type=prepared(Plan)),
        created_at=time_of(row.created_at),
        expires_at=time_of(row.expires_at) if row.expires_at else None,
        state=PlanState(row.state),
    )


def _step(row: Row[Any]) -> StepRow:
    return StepRow(
        plan_id=row.plan_id,
        number=row.number,
        state=StepState(row.state),
        attempt=row.attempt,
        shown_hash=row.shown_hash,
        message=visible(row.message),
        updated_at=time_of(row.updated_at),
    )


def _command(row: Row[Any]) -> Command:
    return Command(
        seq=row.seq,
        book=row.book,
        kind=CommandKind(row.kind),
        plan_id=row.plan_id,
        step=row.step,
        attempt=row.attempt,
        shown_hash=row.shown_hash,
        revision=row.revision,
        at=time_of(row.at),
        state=CommandState(row.state),
        answer=visible(row.answer),
    )


def _intent(row: Row[Any]) -> Intent:
    return Intent(
        coid=row.coid,
        book=row.book,
        account=row.account,
        plan_id=row.plan_id,
        step=row.step,
        attempt=row.attempt,
        role=Role(row.role),
        symbol=row.symbol,
        parameters=msgspec.json.decode(row.parameters),
        baseline=msgspec.json.decode(row.baseline),
        pinned_at=time_of(row.pinned_at),
        epoch=row.epoch,
        state=StepState(row.state),
        protective=row.protective,
        resolved=row.resolved,
        updated_at=time_of(row.updated_at),
    )
