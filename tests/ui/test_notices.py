"""Notices are whole sentences: what has no room waits its turn, and is counted."""

from hypothesis import given
from hypothesis import strategies as st

from cockpit.ui.tone import Tone
from cockpit.ui.widgets.notice import MOST_LINES, SHORT, Told, fitting, notice_lines
from tests.ui.driving import NARROW, cockpit, press, quiet, screen_text
from tests.ui.small_desk import SmallDesk

LONG = "A sentence that is so long that it needs two lines at eighty columns, and has its point at the very end: {}."
told = st.builds(Told, st.text("ab ", min_size=1, max_size=300).filter(str.strip), st.sampled_from(Tone))


def text(rows: list[Told], waiting: int = 0, width: int = 78) -> list[str]:
    return ["".join(span.text for span in row) for row in notice_lines(rows, waiting, width)]


@given(st.lists(told, max_size=6), st.integers(20, 120))
def test_whole_sentences_in_their_order_fit_or_one_stands_alone(every: list[Told], width: int) -> None:
    shown = fitting(every, width)
    rest = iter(every)
    assert all(each in rest for each in shown)
    assert bool(shown) is bool(every)
    lines = text(shown, len(every) - len(shown), width)
    highest = max((len(text([each], width=width)) for each in shown), default=0)
    assert len(lines) <= max(MOST_LINES, highest + SHORT + 1)


def test_the_gravest_comes_first_and_of_equals_the_newest() -> None:
    plain = [Told(LONG.format(n), Tone.PLAIN) for n in range(3)]
    error = Told(LONG.format("refused"), Tone.ERROR)
    assert fitting([error, *plain], 78) == [error, plain[2]]
    assert fitting([*plain[:2]], 78) == plain[:2]
    assert fitting(plain, 78) == [plain[2]]
    assert text([error], 2)[0] == "+ 2 more, shown when these are gone"


async def test_an_answer_to_a_key_is_seen_at_once_beside_the_longest_alarms() -> None:
    async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
        for n in range(2):
            app.say(f"LIQUIDATION {n} " + "and what is to be known of it " * 12, Tone.ERROR, seconds=3600)
        app.say("Plan written to plan.toml.", seconds=3600)
        await quiet(pilot)
        assert "Plan written to plan.toml." in screen_text(app)
        app.say("LIQUIDATION 2 " + "and what is to be known of it " * 12, Tone.ERROR, seconds=3600)
        await quiet(pilot)
        assert "Plan written to plan.toml." in screen_text(app), "an alarm that comes later does not take its place"
        assert "LIQUIDATION 2" in screen_text(app)
        assert "+ 2 more" in screen_text(app)


async def test_what_has_no_room_waits_and_keeps_its_time() -> None:
    async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
        for n in range(3):
            app.say(LONG.format(n), Tone.WARNING, seconds=3600)
        await quiet(pilot)
        shown = " ".join(screen_text(app).split())
        assert LONG.format(2) in shown
        assert "+ 2 more, shown when these are gone" in shown
        assert "end: 1." not in shown
        for n in (2, 1, 0):
            assert LONG.format(n) in " ".join(screen_text(app).split())
            app.notices.forget(Told(LONG.format(n), Tone.WARNING))
            await quiet(pilot)
        assert "more, shown" not in screen_text(app)


async def test_a_notice_passes_once_it_was_on_the_screen_for_its_time() -> None:
    async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
        app.say(LONG.format("first"), seconds=0.01)
        app.say(LONG.format("last"), Tone.ERROR, seconds=3600)
        app.say(LONG.format("middle"), Tone.WARNING, seconds=3600)
        await pilot.pause(0.1)
        app.notices.forget(Told(LONG.format("middle"), Tone.WARNING))
        app.notices.forget(Told(LONG.format("last"), Tone.ERROR))
        assert app.notices._told.keys() == {Told(LONG.format("first"), Tone.PLAIN)}
        while LONG.format("first") in " ".join(screen_text(app).split()):
            await pilot.pause(0.02)


async def test_an_error_that_stands_is_whole_and_leaves_room_for_the_newest_notice() -> None:
    async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
        app.notices.stand(LONG.format("the market stands still") + LONG.format("that is all"))
        for n in range(3):
            app.say(f"Sentence {n}.", seconds=3600)
        await quiet(pilot)
        shown = " ".join(screen_text(app).split())
        assert "A sentence that" in shown
        assert "that is all." in shown
        assert "Sentence 2." in shown
        assert "+ 2 more" in shown


async def test_a_screen_that_is_opened_tells_what_is_being_told() -> None:
    async with cockpit(SmallDesk(), size=NARROW) as (app, pilot):
        await press(pilot, "r")
        app.notices.stand("The store is gone.")
        app.notices.hint("A quiet word about the views.")
        await quiet(pilot)
        assert "A quiet word about the views." in screen_text(app)
        await press(pilot, "enter")
        assert "A quiet word" not in screen_text(app)
        assert "✗ The store is gone." in screen_text(app)
        await press(pilot, "x")
        assert "✗ The store is gone." in screen_text(app)
