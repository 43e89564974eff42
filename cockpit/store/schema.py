"""What the portfolio store holds: tables, and the triggers and indexes by which the database itself keeps its promises.

Decimals are plain strings, times are ISO 8601 text in UTC, structures are JSON. Everything that belongs to a portfolio carries
its `book`: an account is known by (book, account).
"""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    text,
)

VERSION = 1
APPLICATION_ID = 0x52434B50
"""Marks a SQLite file as a portfolio store ("RCKP")."""

metadata = MetaData()


def _text(name: str, *, null: bool = False) -> Column[str]:
    return Column(name, Text, nullable=null)


def _integer(name: str, *, null: bool = False) -> Column[int]:
    return Column(name, Integer, nullable=null)


def _sequence(name: str) -> Column[int]:
    return Column(name, Integer, primary_key=True, autoincrement=True)


meta = Table("meta", metadata, Column("key", Text, primary_key=True), _text("value"))

book = Table(
    "book",
    metadata,
    Column("name", Text, primary_key=True),
    _integer("revision"),
    _text("content"),
    _text("source_path"),
    _text("source_fingerprint"),
    _integer("opened_revision"),
    _integer("opened_seq"),
    _text("opened_at"),
    _text("updated_at"),
    CheckConstraint("revision >= 1", name="book_revision_counts_from_one"),
)

journal = Table(
    "journal",
    metadata,
    _sequence("seq"),
    _text("at"),
    _text("book"),
    _text("kind"),
    _text("message"),
    _integer("revision"),
    _text("plan_id", null=True),
    _integer("step", null=True),
    _text("data"),
    Index("journal_by_book", "book", "seq"),
    sqlite_autoincrement=True,
)

plan = Table(
    "plan",
    metadata,
    Column("id", Text, primary_key=True),
    _text("book"),
    _integer("basis_revision"),
    _text("content"),
    _text("created_at"),
    _text("expires_at", null=True),
    _text("state"),
    Index("plan_by_book", "book", "created_at"),
)

step = Table(
    "step",
    metadata,
    _text("plan_id"),
    _integer("number"),
    _text("state"),
    _integer("attempt"),
    _text("shown_hash", null=True),
    _text("message"),
    _text("updated_at"),
    PrimaryKeyConstraint("plan_id", "number"),
    ForeignKeyConstraint(["plan_id"], ["plan.id"]),
)

command = Table(
    "command",
    metadata,
    _sequence("seq"),
    _text("book"),
    _text("kind"),
    _text("plan_id"),
    _integer("step"),
    _integer("attempt"),
    _text("shown_hash"),
    _integer("revision"),
    _text("at"),
    _text("state"),
    _text("answer"),
    UniqueConstraint("kind", "plan_id", "step", "attempt", name="command_once"),
    ForeignKeyConstraint(["plan_id"], ["plan.id"]),
    sqlite_autoincrement=True,
)

intent = Table(
    "intent",
    metadata,
    Column("coid", Text, primary_key=True),
    _text("book"),
    _text("account"),
    _text("plan_id"),
    _integer("step"),
    _integer("attempt"),
    _text("role"),
    _text("symbol"),
    _text("parameters"),
    _text("baseline"),
    _text("pinned_at"),
    _integer("epoch"),
    _text("state"),
    Column("protective", Boolean, nullable=False),
    Column("resolved", Boolean, nullable=False),
    _text("updated_at"),
    UniqueConstraint("plan_id", "step", "attempt", "role", name="intent_once"),
)
_open_entry = text("NOT resolved AND NOT protective")
Index(
    "intent_one_unresolved",
    intent.c.book,
    intent.c.account,
    unique=True,
    sqlite_where=_open_entry,
    postgresql_where=_open_entry,
)
Index("intent_by_account", intent.c.book, intent.c.account)

fill = Table(
    "fill",
    metadata,
    _sequence("seq"),
    _text("book"),
    _text("account"),
    _text("symbol"),
    _text("trade_id"),
    _text("coid"),
    _integer("epoch"),
    _text("at"),
    _text("content"),
    UniqueConstraint("book", "account", "symbol", "trade_id", name="fill_once"),
    Index("fill_by_coid", "coid"),
    sqlite_autoincrement=True,
)

evidence = Table(
    "evidence",
    metadata,
    _sequence("seq"),
    _text("at"),
    _text("book"),
    _text("coid"),
    _text("kind"),
    _text("data"),
    Index("evidence_by_coid", "coid"),
    sqlite_autoincrement=True,
)

lease = Table(
    "lease",
    metadata,
    _text("book"),
    _text("account"),
    _integer("epoch"),
    _text("owner"),
    _text("taken_at"),
    PrimaryKeyConstraint("book", "account"),
)

bookmark = Table(
    "bookmark",
    metadata,
    _text("book"),
    _text("key"),
    _text("value"),
    PrimaryKeyConstraint("book", "key"),
)

halt = Table(
    "halt",
    metadata,
    Column("scope", Text, primary_key=True),
    Column("halted", Boolean, nullable=False),
    _text("reason"),
    _text("at"),
)

APPEND_ONLY = ("journal", "evidence", "fill")
"""Tables whose rows are never changed and never removed."""

STALE_EPOCH = "stale epoch: another executor has taken over this account"
APPEND_ONLY_TEXT = "this table is append-only"

_CURRENT = "(SELECT epoch FROM lease WHERE book = NEW.book AND account = NEW.account)"


def trigger_statements(dialect: str) -> tuple[str, ...]:
    """The DDL by which a database refuses stale epochs and changes of append-only tables."""
    return _sqlite_triggers() if dialect == "sqlite" else _postgresql_triggers()


def _sqlite_triggers() -> tuple[str, ...]:
    append_only = [
        f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table}: {APPEND_ONLY_TEXT}'); END"
        for table in APPEND_ONLY
        for verb in ("UPDATE", "DELETE")
    ]
    fences = [
        f"CREATE TRIGGER {table}_epoch_{verb.lower()} BEFORE {verb} ON {table} WHEN NEW.epoch IS NOT {_CURRENT} "
        f"BEGIN SELECT RAISE(ABORT, '{STALE_EPOCH}'); END"
        for table, verb in (("intent", "INSERT"), ("intent", "UPDATE"), ("fill", "INSERT"))
    ]
    rising = (
        "CREATE TRIGGER lease_epoch_rises BEFORE UPDATE ON lease WHEN NEW.epoch <= OLD.epoch "
        f"BEGIN SELECT RAISE(ABORT, '{STALE_EPOCH}'); END"
    )
    kept = f"CREATE TRIGGER lease_no_delete BEFORE DELETE ON lease BEGIN SELECT RAISE(ABORT, '{STALE_EPOCH}'); END"
    revision = (
        "CREATE TRIGGER book_revision_rises BEFORE UPDATE ON book WHEN NEW.revision < OLD.revision "
        "OR (NEW.revision = OLD.revision AND NEW.content IS NOT OLD.content) "
        "BEGIN SELECT RAISE(ABORT, 'book: every change raises the revision'); END"
    )
    return (*append_only, *fences, rising, kept, revision)


def _postgresql_triggers() -> tuple[str, ...]:
    def function(name: str, body: str) -> str:
        return f"CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN {body} RETURN NEW; END $$"

    def trigger(name: str, table: str, verbs: str, called: str) -> str:
        return f"CREATE TRIGGER {name} BEFORE {verbs} ON {table} FOR EACH ROW EXECUTE FUNCTION {called}()"

    return (
        function("cockpit_append_only", f"RAISE EXCEPTION USING MESSAGE = TG_TABLE_NAME || ': {APPEND_ONLY_TEXT}';"),
        function("cockpit_epoch", f"IF NEW.epoch IS DISTINCT FROM {_CURRENT} THEN RAISE EXCEPTION '{STALE_EPOCH}'; END IF;"),
        function("cockpit_lease", f"IF NEW.epoch <= OLD.epoch THEN RAISE EXCEPTION '{STALE_EPOCH}'; END IF;"),
        function("cockpit_lease_kept", f"RAISE EXCEPTION '{STALE_EPOCH}';"),
        function(
            "cockpit_revision",
            "IF NEW.revision < OLD.revision OR (NEW.revision = OLD.revision AND NEW.content IS DISTINCT FROM OLD.content) "
            "THEN RAISE EXCEPTION 'book: every change raises the revision'; END IF;",
        ),
        *(trigger(f"{table}_append_only", table, "UPDATE OR DELETE", "cockpit_append_only") for table in APPEND_ONLY),
        trigger("intent_epoch", "intent", "INSERT OR UPDATE", "cockpit_epoch"),
        trigger("fill_epoch", "fill", "INSERT", "cockpit_epoch"),
        trigger("lease_epoch_rises", "lease", "UPDATE", "cockpit_lease"),
        trigger("lease_no_delete", "lease", "DELETE", "cockpit_lease_kept"),
        trigger("book_revision_rises", "book", "UPDATE", "cockpit_revision"),
    )
