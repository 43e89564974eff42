"""Who was not there is told what happened: since the last start, while the line stood still, while the job was stopped."""

from datetime import timedelta
from decimal import Decimal

from msgspec.structs import replace

from cockpit.model.absence import CUT_OFF, Absence, tally
from cockpit.model.journal import JournalKind, JournalRow
from cockpit.model.orders import StepState
from cockpit.model.request import PlanRequest
from cockpit.terminal.news import ProcessResumed
from cockpit.ui.blocks.resuming import meanwhile, stood_still
from cockpit.ui.parting import parting
from tests.ui.driving import NARROW, cockpit, press, quiet, screen_text
from tests.ui.small_desk import SmallDesk
from tests.ui.worked_example import NOON


def row(seq: int, kind: JournalKind, message: str, **data: str) -> JournalRow:
    return JournalRow(seq=seq, at=NOON, book="Hundred thousand", kind=kind, message=message, data=data)


FIRED = row(53, JournalKind.STOP, "main: stop at 4480 closed 2.5 ETH at 4481", amount="-1207.5", symbol="ETH/USDT:USDT")
ROWS = (
    row(51, JournalKind.FILL, "main: sold 2.5 ETH/USDT:USDT at 4000, fee 5"),
    row(52, JournalKind.STOP, "main: the venue shows the stop of 2.5 ETH at 4480", trigger="4480"),
    FIRED,
    row(54, JournalKind.FUNDING, "main: funding of 2021-08-20 08:00 UTC at 0.01 %", amount="1.5"),
    row(55, JournalKind.FUNDING, "main: funding of 2021-08-20 16:00 UTC at 0.01 %", amount="-2.75"),
)


def absence(*rows: JournalRow, steps: int = 0, ended: str = "") -> Absence:
    since = NOON - timedelta(hours=2, minutes=3)
    return Absence(since=since, until=NOON, after=50, upto=55, ended=ended, steps=steps, tally=tally(rows))


def at_step(desk: SmallDesk, state: StepState = StepState.PREVIEWED) -> None:
    """A plan in execution with its first two steps done and the third in this state."""
    plan = desk.propose(PlanRequest(strategy="B", preset="reconciled")).plan
    assert plan is not None
    desk.begin(plan)
    for number in (1, 2):
        desk.fill(number)
    desk._set(3, state)


def words(text: str) -> str:
    return " ".join(text.split())


def test_events_add_up_by_what_they_mean() -> None:
    found = tally(ROWS)
    assert found.words() == ["1 stop fired", "1 fill", "1 stop placed", "funding −1.25 USDT"]
    assert found.funding == Decimal("-1.25")
    assert found.closings() == FIRED.message
    assert tally([row(1, JournalKind.HALT, "halted"), row(2, JournalKind.RESUME, "resumed")]).words() == []
    assert tally([row(1, JournalKind.RESUME, "resumed"), row(2, JournalKind.HALT, "halted")]).words() == ["halted"]
    assert tally((FIRED,) * 5).closings().endswith("; and 3 more")


def test_the_sentence_says_since_when_what_and_how_the_last_one_ended() -> None:
    assert absence().sentence() == "Since 09:57:00 UTC (2 h ago): nothing happened."
    told = absence(*ROWS[:2], steps=2, ended=CUT_OFF).sentence()
    assert told == (
        "Since 09:57:00 UTC (2 h ago): 2 steps done, 1 fill, 1 stop placed. "
        "The last cockpit ended: it was cut off without a word."
    )
    assert "Since 18 Aug 12:00:00 UTC (2 d ago)" in replace(absence(), since=NOON - timedelta(days=2)).sentence()


def test_what_waits_is_named_with_the_keys_in_force() -> None:
    desk = SmallDesk()
    desk.open_book()
    at_step(desk)
    keymap = {"rotate": "n", "rotation.begin": "f3", "absence": "f4", "resume": "f6"}
    told = meanwhile(absence(*ROWS), desk.picture, keymap)
    assert told.endswith("Plan B waits at step 3 of 6: n, then F3 goes on. F4 shows what happened.")
    desk.halt()
    assert "Halted: F6 resumes." in meanwhile(absence(), desk.picture, keymap)
    desk._set(3, StepState.UNKNOWN)
    assert "step 3 of 6 is being looked up; nothing is sent twice" in meanwhile(absence(), desk.picture, keymap)
    assert desk.picture.execution is not None
    blocked = replace(desk.picture.execution, blocked="step 3 is NEEDS_HUMAN: look at the venue")
    told = meanwhile(absence(), desk.change(execution=blocked), keymap)
    assert "Plan B is blocked, step 3 is NEEDS_HUMAN: look at the venue; n shows it." in told


async def test_it_stands_on_a_narrow_first_screen_until_another_view_is_opened_and_one_key_shows_all_of_it() -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=NARROW) as (app, pilot):
        at_step(desk)
        desk.change(absence=absence(*ROWS[:2], steps=2), journal=(row(50, JournalKind.PHASE, "the phase before"), *ROWS[:2]))
        await quiet(pilot)
        assert "2 steps done, 1 fill, 1 stop placed. Plan B waits at step 3 of 6: r, then ⏎ goes on." in words(screen_text(app))
        await press(pilot, "W")
        shown = screen_text(app)
        assert "Plan B waits" not in words(shown)
        assert "since last seen" in shown
        assert "Since 09:57:00 UTC (2 h ago): 2 steps done" in shown
        assert "sold 2.5 ETH" in shown
        assert "the phase before" not in shown
        await press(pilot, "0")
        assert "the phase before" in screen_text(app)
        assert "since last seen" not in screen_text(app)


async def test_what_waits_is_told_as_it_is_by_now() -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=NARROW) as (app, pilot):
        at_step(desk, StepState.UNKNOWN)
        desk.change(absence=absence(*ROWS[:2], steps=2))
        await quiet(pilot)
        assert "step 3 of 6 is being looked up" in words(screen_text(app))
        desk._set(3, StepState.PREVIEWED)
        await quiet(pilot)
        assert "Plan B waits at step 3 of 6" in words(screen_text(app))
        await press(pilot, "3", "1")
        desk._set(3, StepState.UNKNOWN)
        await quiet(pilot)
        assert "being looked up" not in words(screen_text(app))


async def test_the_keys_lead_to_the_step_that_waits() -> None:
    desk = SmallDesk()
    async with cockpit(desk, size=NARROW) as (app, pilot):
        at_step(desk)
        desk.change(absence=absence(*ROWS[:2], steps=2))
        await quiet(pilot)
        await press(pilot, "r", "enter")
        assert "Step 3 of 6" in screen_text(app)


async def test_what_the_venue_closed_meanwhile_is_told_as_an_error_and_once() -> None:
    desk = SmallDesk()
    async with cockpit(desk) as (app, pilot):
        desk.change(absence=absence(*ROWS), journal=ROWS, opened_seq=55)
        await quiet(pilot)
        shown = words(screen_text(app))
        assert f"✗ While no cockpit was open: {FIRED.message}." in shown
        assert "STOP main: stop at" not in shown
        assert "1 stop fired" in shown


async def test_a_key_for_an_absence_that_there_was_none_of_says_so() -> None:
    async with cockpit(SmallDesk()) as (app, pilot):
        await press(pilot, "W")
        assert "this book was not open before" in words(screen_text(app))


async def test_a_line_that_comes_back_is_told_with_what_happened_meanwhile() -> None:
    desk = SmallDesk()
    async with cockpit(desk) as (app, pilot):
        since = NOON - timedelta(seconds=42)
        desk.change(journal=(replace(ROWS[0], at=since - timedelta(seconds=1)), replace(ROWS[0], at=NOON)))
        app.line_returned(42.0, since, since)
        await quiet(pilot)
        line = "! The line stood still for 42 s (11:59:18 to 12:00:00 UTC); meanwhile: 1 fill"
        assert line in words(screen_text(app))
        desk.change(journal=ROWS)
        app.line_returned(42.0, since, since)
        await quiet(pilot)
        assert "✗ The line stood still" in screen_text(app)
        assert FIRED.message in words(screen_text(app))


def test_a_line_that_stood_still_over_positions_says_that_no_stop_fired() -> None:
    desk = SmallDesk()
    desk.open_book()
    at_step(desk)
    desk.change(journal=())
    assert desk.picture.positions
    assert stood_still(42, NOON, NOON, desk.picture).endswith("meanwhile: no stop fired.")
    assert stood_still(42, NOON, NOON, replace(desk.picture, positions=())).endswith("meanwhile: nothing happened.")


def test_what_happened_just_before_the_line_stood_still_was_not_seen_and_a_transfer_is_something() -> None:
    desk = SmallDesk()
    moved = row(51, JournalKind.TRANSFER, "main: moved 5005 USDT out of the spot wallet", amount="5005")
    sent = row(52, JournalKind.ORDER, "step 2: open_short 2.5 ETH as c1", quantity="2.5")
    picture = replace(desk.picture, journal=(moved, sent, FIRED))
    still = NOON + timedelta(seconds=1)
    assert "nothing happened" in stood_still(42, still, still, picture)
    told = stood_still(42, still, NOON, picture)
    assert "(12:00:01 to 12:00:43 UTC); meanwhile: 1 order sent, 1 transfer, 1 stop fired." in told
    assert FIRED.message in told


async def test_a_job_that_was_stopped_says_that_nothing_was_watched() -> None:
    async with cockpit(SmallDesk()) as (app, pilot):
        app.post_message(ProcessResumed(0.9))
        app.post_message(ProcessResumed(None))
        await quiet(pilot)
        assert "The cockpit was stopped" not in words(screen_text(app)), "it was not, or not for long"
        app.post_message(ProcessResumed(42.0))
        await quiet(pilot)
        assert "The cockpit was stopped for 42 s: nothing was watched meanwhile" in words(screen_text(app))


def test_leaving_says_where_a_plan_stands_and_what_has_no_stop() -> None:
    desk = SmallDesk()
    desk.open_book()
    assert parting(desk.picture) == ""
    at_step(desk)
    assert parting(desk.picture) == "Plan B stands at step 3 of 6; the next start goes on there."
    desk._set(3, StepState.INTENT)
    assert "it was begun, the next start looks up what became of it and sends nothing twice" in parting(desk.picture)
    first = desk.picture.positions[0]
    naked = replace(first, position=replace(first.position, stop_price=None))
    assert parting(desk.change(execution=None, positions=(naked,))) == "No stop protects short ETH."
