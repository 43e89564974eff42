"""The lock of an executor says who holds it and since when it is silent, whatever stands in its file."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from cockpit.execution.lock import ExecutorLock, ExecutorRunning, Holder
from tests.seconds import Seconds

AT = datetime(2026, 3, 4, 12, 0, tzinfo=UTC)


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


def lock_at(path: Path, clock: Seconds) -> ExecutorLock:
    return ExecutorLock(path, now=lambda: AT, clock=clock)


def held_and_refused(path: Path, clock: Seconds) -> tuple[ExecutorLock, ExecutorLock]:
    """One that holds the lock, and one that could not take it."""
    first, second = lock_at(path, clock), lock_at(path, clock)
    first.acquire()
    with pytest.raises(ExecutorRunning):
        second.acquire()
    return first, second


def test_who_may_not_take_it_learns_who_holds_it_and_for_how_long_that_is_silent(tmp_path: Path, seconds: Seconds) -> None:
    first, second = held_and_refused(tmp_path / "lock", seconds)
    seconds.now += 7
    assert second.holder == Holder(os.getpid(), AT, 7)
    first.beat()
    assert second.holder == Holder(os.getpid(), AT, 0)


def test_nobody_is_silent_for_who_holds_it_or_never_tried(tmp_path: Path, seconds: Seconds) -> None:
    first, second = (lock_at(tmp_path / "lock", seconds) for _ in range(2))
    first.acquire()
    assert first.holder is None
    assert second.holder is None
    with pytest.raises(ExecutorRunning):
        second.acquire()
    first.release()
    second.acquire()
    seconds.now += 100
    assert second.holder is None


@pytest.mark.parametrize("content", [b"", b"12", b"a b c", b"1 2 3", b"\xff\xfe\x00", b"1 nothing 2026-03-04T12:00:00+00:00"])
def test_a_file_that_says_nothing_clear_accuses_nobody(content: bytes, tmp_path: Path, seconds: Seconds) -> None:
    _first, second = held_and_refused(tmp_path / "lock", seconds)
    (tmp_path / "lock").write_bytes(content)
    assert second.holder is None


def test_what_an_earlier_holder_wrote_is_gone(tmp_path: Path, seconds: Seconds) -> None:
    (tmp_path / "lock").write_bytes(b"99999999 1.0 " + b"x" * 300)
    _first, second = held_and_refused(tmp_path / "lock", seconds)
    assert second.holder == Holder(os.getpid(), AT, 0)


def test_only_the_holder_gives_signs_of_life(tmp_path: Path, seconds: Seconds) -> None:
    _first, second = held_and_refused(tmp_path / "lock", seconds)
    seconds.now += 7
    second.beat()
    assert second.holder == Holder(os.getpid(), AT, 7)
