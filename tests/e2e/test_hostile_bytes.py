"""Hostile text through every view, dialog, notice, file and exit message, read from the bytes that a terminal gets."""

import importlib
import os
import pkgutil
import re
import subprocess
from collections.abc import Iterable

import pytest
from textual.screen import Screen

import cockpit.ui
from cockpit.ui.actions import VIEW_WORDS, VIEWS
from tests.e2e import hostile
from tests.e2e.hostile import EVIL, HOLDS, Intruder, check_bytes, check_text
from tests.e2e.walking import COCKPIT, NARROW, WIDE, Home, Walk
from tests.pseudo_terminal import PATIENCE

pytestmark = pytest.mark.terminal
F2, CTRL_P = "\x1bOQ", "\x10"
DIALOGS = {
    "HelpScreen": ("?",),
    "ExplainScreen": ("i", "right", "right", "down"),
    "JumpScreen": ("f",),
    "ThemesScreen": (F2, "down", "down"),
    "SourcesScreen": ("D", "down"),
    "Palette": (CTRL_P, "jour"),
    "TicketScreen": (),
    "StopHereScreen": (),
    "TooSmall": (),
}
"""The keys that open each dialog and move in it; the last three are walked through with their plan."""
INSIDE = {
    "overview": ("tab", "tab"),
    "positions": ("enter", "escape"),
    "phase": ("down",),
    "signals": ("v", "d", "m"),
    "rotation": ("v",),
    "whatif": ("p",),
    "journal": ("v", "t", "0"),
}
"""What is opened and turned in each view."""


def test_every_dialog_and_every_view_is_walked_through() -> None:
    for found in pkgutil.walk_packages(cockpit.ui.__path__, "cockpit.ui."):
        importlib.import_module(found.name)
    assert {made.__name__ for made in final(Screen)} == set(DIALOGS)
    assert tuple(INSIDE) == VIEWS


def final(kind: type) -> Iterable[type]:
    """The cockpit's own classes that are shown: those that no other one builds on, without the screen of the views."""
    subs: list[type] = kind.__subclasses__()
    for sub in subs:
        yield from final(sub)
        if sub.__module__.startswith("cockpit.ui.") and not sub.__subclasses__() and sub.__name__ != "Views":
            yield sub


def type_and_wait(walk: Walk, keys: Iterable[str]) -> None:
    for key in keys:
        walk.press(key)
        walk.settle(quiet=0.15)


def go_to(walk: Walk, number: int, view: str) -> None:
    """Open a view; the footer marks it."""
    walk.press(str(number))
    marked = re.compile(f"▸(1-7|{number}) {VIEW_WORDS.get(view, view)}")
    walk.wait_until(lambda: marked.search(walk.flat) is not None)


def views(walk: Walk) -> None:
    for number, view in enumerate(VIEWS, start=1):
        go_to(walk, number, view)
        type_and_wait(walk, INSIDE[view])


def keep(walk: Walk, home: Home, key: str, ending: str) -> None:
    """Take something out into a new file: the notice that names it may wait for others."""
    walk.press(key)
    walk.wait_until(lambda: any(path.suffix == ending for path in home.work.iterdir()))


def dialogs(walk: Walk) -> None:
    for keys in DIALOGS.values():
        if keys:
            before = walk.text
            walk.press(keys[0])
            walk.wait_until(lambda before=before: walk.text != before)  # type: ignore[misc]
            type_and_wait(walk, (*keys[1:], "escape", "escape"))


def test_hostile_files_and_a_hostile_store_in_every_view_and_dialog(home: Home) -> None:
    hostile.config(home)
    intruder = Intruder(home)
    with home.open("--portfolio", str(hostile.portfolio(home.folder)), size=WIDE) as walk:
        walk.see(HOLDS, "rev 1", "the theme is left out")
        intruder.journal()
        walk.see("LIQUIDATION liquidation Evil [/][b]")
        views(walk)
        dialogs(walk)
        walk.press_until("r", "begins it")
        for key, ending in (("e", ".toml"), ("E", ".md"), ("y", ".txt")):
            keep(walk, home, key, ending)
        go_to(walk, 7, "journal")
        keep(walk, home, "c", ".csv")
        walk.press(CTRL_P)
        walk.see("A command, a key")
        walk.press("picture")
        walk.see("screenshot Write a picture")
        keep(walk, home, "enter", ".svg")
        walk.press_until("r", "begins it")
        walk.press_until("enter", "Step 1 of 6")
        walk.confirm(1)
        intruder.steps()
        walk.press_until("x", "Unwind")
        type_and_wait(walk, ("escape", "?", "escape", "i", "escape"))
        walk.resize(30, 8)
        walk.see("is too small")
        walk.resize(*WIDE)
        intruder.halt()
        walk.see("HALTED")
        walk.press_until("escape", "s strategy")
        for number, view in enumerate(VIEWS, start=1):
            go_to(walk, number, view)
        walk.quit()
    copied = check_bytes(bytes(walk.raw))
    assert len(copied) == 1
    for text in copied:
        check_text(text)
        assert HOLDS in text
    for path in home.work.iterdir():
        check_text(path.name)
        check_text(path.read_text("utf-8"))


def test_a_hostile_market_in_every_view_with_the_other_driver(home: Home) -> None:
    flags = ("--market", hostile.market(home.folder), "--as-of", "2021-08-20", "--theme", EVIL.replace("\x00", ""))
    with home.open("--driver", "textual", *flags, size=NARROW) as walk:
        walk.see("RECORDED", "rev 1", "There is no theme")
        for number in range(1, 8):
            type_and_wait(walk, (str(number),))
        type_and_wait(walk, ("4", "?", "escape", "i", "escape"))
        walk.quit()
    check_bytes(bytes(walk.raw))


def told(home: Home, *args: str, answers: bytes = b"") -> tuple[int, str]:
    """The exit code of a verb, and what it says on both streams."""
    done = subprocess.run(
        [*COCKPIT, *args],
        capture_output=True,
        check=False,
        env={**os.environ, **home.env},
        cwd=home.work,
        timeout=PATIENCE,
        input=answers,
    )
    return done.returncode, (done.stdout + done.stderr).decode("utf-8")


def test_what_another_program_wrote_is_printed_as_text(home: Home) -> None:
    file = str(hostile.portfolio(home.folder))
    assert told(home, "plan", "--portfolio", file, "--strategy", "B", "--preset", "reconciled", "--out", "plan.toml")[0] == 0
    plan = home.work / "plan.toml"
    code, shown = told(home, "apply", "plan.toml", "--portfolio", file, answers=b"yes\nno\n")
    assert (code, HOLDS in shown) == (1, True)
    check_text(shown)
    intruder = Intruder(home)
    intruder.journal()
    intruder.steps()
    for form in ((), ("--json",), ("--csv",), ("--toml",)):
        code, shown = told(home, "journal", *form)
        assert (code, "liquidation Evil" in shown) == (0, True)
        check_text(shown)
    text = plan.read_text("utf-8")
    for old, new in (
        ('reason = "', f"reason = {hostile.toml_string(EVIL)[:-1]}"),
        ('strategy = "', f"strategy = {hostile.toml_string(EVIL)[:-1]}"),
    ):
        plan.write_text(text.replace(old, new, 1), "utf-8")
        for verb in (
            ("show", "plan.toml"),
            ("show", "plan.toml", "--json"),
            ("check", "plan.toml"),
            ("apply", "plan.toml", "--portfolio", file),
        ):
            shown = told(home, *verb)[1]
            assert shown
            check_text(shown)


def test_a_hostile_file_is_refused_with_one_visible_sentence(home: Home) -> None:
    folder = hostile.config(home)
    key = hostile.toml_string(EVIL)
    for name, text in (
        ("keymap.toml", f"schema = 1\n[keys]\n{key} = {key}\n"),
        ("config.toml", f"schema = 1\nmarket = {key}\n"),
        ("universe.toml", f"schema = 1\n{key} = {key}\n"),
        ("limits.toml", f"schema = 1\n{key} = {key}\n"),
    ):
        path = folder / name
        path.write_text(text, "utf-8")
        for verb in (("check", str(path)), ("run",), ("plan", "--strategy", "B")):
            code, shown = told(home, *verb)
            check_text(shown)
            assert len(shown.splitlines()) == 1 or verb == ("plan", "--strategy", "B")
            assert code == 2 or verb != ("check", str(path))
        path.unlink()
