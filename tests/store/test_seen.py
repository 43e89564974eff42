"""A mark says until when a book was seen, and is believed to be of an open cockpit only while it can be."""

import os
import subprocess
from datetime import timedelta

from msgspec.structs import replace

from cockpit.store.seen import SILENT, gone_marks, new_mark, put_mark
from cockpit.store.store import Store
from tests.store.conftest import every_kind
from tests.store.examples import NAME, START, portfolio


def ended_process() -> int:
    with subprocess.Popen(["true"]) as process:
        return process.pid


def test_a_cockpit_is_gone_when_it_said_so_or_its_process_is_or_it_is_silent_too_long() -> None:
    mark = new_mark(START, 7)
    assert mark.process == os.getpid()
    assert not mark.gone(START)
    assert replace(mark, ended="").gone(START)
    assert replace(mark, process=ended_process()).gone(START)
    assert not replace(mark, process=ended_process(), host="another machine").gone(START + SILENT)
    assert mark.gone(START + SILENT + timedelta(seconds=1))


@every_kind()
def test_the_newest_mark_of_those_that_are_gone_comes_last_and_open_ones_are_left_out(store: Store) -> None:
    store.open_book(portfolio(), "book.toml")
    first, second, open_one = new_mark(START, 9), new_mark(START, 4), new_mark(START, 12)
    with store.begin(NAME) as unit:
        put_mark(unit, replace(first, ended="the line was lost"))
        put_mark(unit, replace(second, ended=""))
        put_mark(unit, open_one)
    with store.view(NAME) as view:
        assert [mark.seq for mark in gone_marks(view, START)] == [4, 9]


@every_kind()
def test_a_mark_takes_the_place_of_its_older_self_and_of_those_that_were_told(store: Store) -> None:
    store.open_book(portfolio(), "book.toml")
    told, mark = replace(new_mark(START, 3), ended=""), new_mark(START, 5)
    with store.begin(NAME) as unit:
        put_mark(unit, told)
        put_mark(unit, mark, [told])
        put_mark(unit, replace(mark, seq=6, ended=""))
    with store.view(NAME) as view:
        assert [found.seq for found in gone_marks(view, START)] == [6]
