"""Two desks on one store: one executes, the other watches, confirms through it, takes over from it, and notices when it hangs."""

import os
import threading
from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.desk import Desk
from cockpit.model.errors import CockpitError, RefusedByRule
from cockpit.model.journal import JournalKind
from tests.desk.driving import (
    PATIENCE,
    begin_worked,
    carry_out,
    check_at_rest,
    desk_on,
    do_step,
    execution_of,
    kinds,
    session_of,
)
from tests.eventually import eventually


def test_a_second_desk_watches_and_what_it_confirms_is_carried_out_by_the_first(desk: Desk, tmp_path: Path) -> None:
    second = desk_on("hundred_thousand", tmp_path)
    try:
        picture = second.open_store()
        assert "another cockpit carries out the orders" in " ".join(picture.notices)
        assert picture.absence is not None
        assert picture.absence.quiet
        begin_worked(second)
        assert execution_of(desk).current == 1
        do_step(second, 1)
        do_step(desk, 2)
        execution = carry_out(second)
        assert execution.finished
        assert check_at_rest(second) == check_at_rest(desk)
        sent = [text for text in kinds(desk, JournalKind.ORDER, JournalKind.TRANSFER) if text.startswith("step ")]
        assert [text.split(":")[0] for text in sent] == [f"step {number}" for number in range(1, 7)]
        desk.halt()
        assert second.tick().halted
    finally:
        second.close()


def test_the_watching_desk_takes_over_when_the_first_has_gone(desk: Desk, tmp_path: Path) -> None:
    second = desk_on("hundred_thousand", tmp_path)
    try:
        second.open_store()
        begin_worked(desk)
        do_step(desk, 1)
        desk.close()
        second.tick()
        assert carry_out(second).finished
        check_at_rest(second)
    finally:
        second.close()


def test_while_the_one_that_executes_hangs_the_others_confirm_nothing(desk: Desk, tmp_path: Path) -> None:
    """Whoever confirms is told at once, not when it is too late; as soon as it goes on, so do they."""
    second = desk_on("hundred_thousand", tmp_path)
    goes_on = threading.Event()
    try:
        second.open_store()
        begin_worked(desk)
        seen = second.ticket(1)
        assert not second.tick().unheard
        loop = session_of(desk).executor._loop
        assert loop is not None
        loop.call_soon_threadsafe(goes_on.wait)
        eventually(lambda: bool(second.tick().unheard))
        (refusal,) = second.ticket(1).refusals
        assert refusal == ("executor", second.picture.unheard)
        assert f"process {os.getpid()} " in refusal[1]
        with pytest.raises(RefusedByRule, match="Let it go on") as refused:
            second.confirm(seen)
        assert refused.value.rule == "executor"
        assert not kinds(second, JournalKind.CONFIRMED)
        goes_on.set()
        eventually(lambda: not second.tick().unheard)
        assert do_step(second, 1).current == 2
    finally:
        goes_on.set()
        second.close()


def test_a_desk_that_took_over_is_never_told_that_another_one_executes(desk: Desk, tmp_path: Path) -> None:
    """Pictures are made in several threads: one of them may have found the first desk at work, and try late."""
    second = desk_on("hundred_thousand", tmp_path)
    try:
        assert second.open_store().watching
        desk.close()
        assert second.tick().watching == ""
        session_of(second)._start()
        assert second.tick().watching == ""
    finally:
        second.close()


def test_both_desks_are_asked_at_once_and_the_step_is_sent_once(desk: Desk, tmp_path: Path) -> None:
    second = desk_on("hundred_thousand", tmp_path)
    try:
        second.open_store()
        plan = begin_worked(desk)
        tickets = [(one, one.ticket(1)) for one in (desk, second)]
        refused: list[str] = []

        def confirm(number: int) -> None:
            one, ticket = tickets[number]
            try:
                one.confirm(ticket)
            except CockpitError as error:
                refused.append(str(error))

        threads = [threading.Thread(target=confirm, args=(number,)) for number in (0, 1)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        session_of(desk).executor.wait(plan.plan.id, 1, timeout=PATIENCE)
        assert len(refused) == 1
        assert len([text for text in kinds(desk, JournalKind.TRANSFER) if text.startswith("step 1: ")]) == 1
        assert check_at_rest(desk).account("main").futures_wallet == Decimal(5005)
    finally:
        second.close()
