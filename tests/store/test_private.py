"""The store is its owner's alone, and holds no credentials."""

import stat
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from cockpit.model.journal import JournalKind
from cockpit.model.orders import StepState
from cockpit.store.encoding import REDACTED, redact
from cockpit.store.store import Store
from tests.store.examples import NAME, PLAN, PLAN_ID, intend, portfolio

CANARY = "sk-canary-4711"


def test_file_and_folder_are_private(store: Store, path: Path) -> None:
    store.open_book(portfolio(), "book.toml")
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    with store.begin(NAME) as unit:
        unit.journal(JournalKind.PLAN, "while a transaction is open, its journal file stands beside the store")
        beside = list(path.parent.iterdir())
        assert len(beside) > 1
        assert {stat.S_IMODE(file.stat().st_mode) for file in beside} == {0o600}


def test_a_store_that_others_could_read_is_closed_to_them(store: Store, path: Path) -> None:
    store.close()
    path.chmod(0o644)
    Store(str(path)).close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_credentials_never_reach_the_file(store: Store, path: Path) -> None:
    store.open_book(portfolio(), "book.toml")
    with store.begin(NAME) as unit:
        unit.put_plan(PLAN, basis_revision=1)
        unit.take_lease("main", "executor")
        unit.add_evidence(
            "rc1",
            "answer",
            {"apiKey": CANARY, "nested": [{"X-MBX-APIKEY": CANARY}], "url": f"https://x/order?symbol=ETH&signature={CANARY}&a=1"},
        )
        unit.journal(JournalKind.PROBLEM, f"no answer from https://me:{CANARY}@proxy.example:8080/")
        unit.journal(JournalKind.PROBLEM, f"failed: apiKey={CANARY}", data={"secret": CANARY, "text": f'{{"token": "{CANARY}"}}'})
        unit.set_step(PLAN_ID, 1, StepState.UNKNOWN, message=f"Authorization: Bearer {CANARY}")
        intend(unit, parameters={"password": CANARY, "quantity": "1"})
        (kept,) = unit.evidence("rc1")
        assert kept.data["url"] == f"https://x/order?symbol=ETH&signature={REDACTED}&a=1"
    store.close()
    assert CANARY.encode() not in path.read_bytes()


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text(), s)))
def test_redacting_keeps_the_shape(value: object) -> None:
    assert redact(redact(value)) == redact(value)
    assert type(redact(value)) is type(value)
