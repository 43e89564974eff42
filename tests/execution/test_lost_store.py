"""A store whose file is deleted or replaced under the executor: no order goes out that nobody could find again."""

import contextlib
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from cockpit.model.errors import StoreLost
from tests.execution.bench import Bench

SENDS = {"submit:before", "place_stop:before", "transfer:before"}


def delete(path: Path) -> None:
    path.unlink()


def move(path: Path) -> None:
    path.rename(path.with_suffix(".moved"))


def put_a_copy_in_its_place(path: Path) -> None:
    copy = path.with_suffix(".copy")
    shutil.copy(path, copy)
    copy.replace(path)


WAYS = [delete, move, put_a_copy_in_its_place]


def short_with_its_stop(folder: Path, at: int | None = None) -> tuple[list[str], list[str]]:
    """Step 2 with the store replaced at the boundary `at`: the boundaries before that, and those after it."""
    folder.mkdir()
    before: list[str] = []
    after: list[str] = []
    counting = False

    def pass_by(name: str) -> None:
        if counting and at is not None and len(before) == at:
            after.append(name)
        elif counting:
            before.append(name)
            if len(before) == at:
                put_a_copy_in_its_place(folder / "store.db")

    bench = Bench(folder, hook=pass_by)
    bench.do(1)
    counting = True
    with contextlib.suppress(StoreLost):
        bench.confirm(2)
        bench.cycle()
    bench.desk.store.close()
    return before, after


def test_nothing_is_sent_once_the_store_is_lost(tmp_path: Path) -> None:
    boundaries, _ = short_with_its_stop(tmp_path / "whole")
    assert {"submit:before", "place_stop:before"} <= set(boundaries)
    for at, name in enumerate(boundaries, 1):
        if name in SENDS:
            continue  # the call is on its way: nothing stands between it and the venue any more
        before, after = short_with_its_stop(tmp_path / str(at), at)
        assert before == boundaries[:at]
        assert not SENDS & set(after), f"lost at {name}, boundary {at}"


@pytest.mark.parametrize("lose", WAYS)
def test_the_executor_stops_and_says_which_store_was_lost(bench: Bench, tmp_path: Path, lose: Callable[[Path], None]) -> None:
    lose(tmp_path / "store.db")
    with pytest.raises(StoreLost, match=r"store \S+store\.db was (deleted or moved away|replaced by another file) while"):
        bench.cycle()
    with pytest.raises(StoreLost, match="put it back before you start again"):
        bench.confirm(1)


def test_a_store_that_is_back_in_its_place_is_used_again(bench: Bench, tmp_path: Path) -> None:
    path, away = tmp_path / "store.db", tmp_path / "away.db"
    path.rename(away)
    with pytest.raises(StoreLost):
        bench.confirm(1)
    away.rename(path)
    bench.do(1, 2)
