"""Whatever arrives on the input, the cockpit lives on, the next key is a key, and nothing is confirmed that nobody confirmed."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import time

import pytest

from cockpit.terminal.flood import CALM
from tests.e2e.walking import CONFIRM, PATIENT, WIDE, Home, Walk
from tests.pseudo_terminal import PATIENCE

pytestmark = pytest.mark.terminal

SEED = 20_220_612
BROKEN = [
    b"\xff\xfe\x80\xc3(\xf0\x9f",
    b"\x1b[1114112u\x1b[99999999u\x1b[55296u",
    b"\x1b[48;99999;99999;1;1t\x1b[?2048;1$y",
    b"\x1b[<0;99999;99999M\x1b[<64;9999;9999M\x1b[M\xff\xff\xff",
    b"\x1b]52;c;cXFxcQ==\x07\x1bP+r544e\x1b\\\x1b_G;OK\x1b\\",
    b"\x1b[?62;22c\x1b[>41;354;0c\x1b[0n\x1b[0n\x1b[24;80R",
]


def send(cockpit: Walk, data: bytes) -> None:
    """Type bytes as fast as the program takes them, while its output is read; it may end before it has read all."""
    os.set_blocking(cockpit._fd, False)
    limit = time.monotonic() + PATIENCE
    while data and not cockpit._ended():
        assert time.monotonic() < limit, f"{len(data)} bytes are not read"
        with contextlib.suppress(BlockingIOError):
            data = data[os.write(cockpit._fd, data[:1024]) :]
        cockpit.pump(0.001)
    os.set_blocking(cockpit._fd, True)


def on_confirm(cockpit: Walk) -> None:
    """Go to the first ticket and put the focus on Confirm: one enter would send."""
    cockpit.rotation()
    cockpit.press_until("enter", "Step 1 of 6")
    cockpit.mark_confirm()


def test_broken_sequences_and_bytes_end_nothing_and_press_nothing(home: Home) -> None:
    with home.open() as cockpit:
        on_confirm(cockpit)
        for garbage in BROKEN:
            send(cockpit, garbage)
        cockpit.settle()
        cockpit.see("Step 1 of 6", "[ Confirm this step ]")
        cockpit.press_until("escape", "s strategy")
        cockpit.quit()
    assert home.confirmed() == []


@pytest.mark.parametrize(("before", "after"), [(b"\x1b[200~", b"\x1b[201~"), (b"", b"")], ids=["framed", "unframed"])
def test_a_paste_of_a_hundred_kilobytes_confirms_nothing(home: Home, before: bytes, after: bytes) -> None:
    with home.open() as cockpit:
        on_confirm(cockpit)
        send(cockpit, before + b"yes\r\x1b[C\rhttps://example.org/ 0.25 " * 3_500 + after)
        cockpit.settle()
        cockpit.see("Step 1 of 6", CONFIRM)
        cockpit.press_until("escape", "s strategy")
        cockpit.quit()
    assert home.confirmed() == []


@pytest.mark.parametrize(
    ("marked", "together"),
    [(False, b"\x1b[C\r"), (True, b"j\r"), (False, b"js")],
    ids=["move and press", "scroll and press", "scroll and skip"],
)
def test_keys_that_come_in_one_breath_send_and_skip_nothing(marked: bool, together: bytes, home: Home) -> None:
    """A few characters of a paste that no terminal framed, or that a slow line cut off from the rest of it."""
    with Walk(home, PATIENT, WIDE) as cockpit:
        cockpit.rotation()
        cockpit.press_until("enter", "then ⏎ confirms")
        if marked:
            cockpit.mark_confirm()
        cockpit.settle(quiet=1)
        os.write(cockpit._fd, together)
        cockpit.see("Step 1 of 6", "too early: ignored")
        cockpit.press_until("escape", "s strategy")
        cockpit.quit()
    assert home.confirmed() == []


def test_a_field_lives_through_a_paste_and_is_typed_into_after_it(home: Home) -> None:
    with home.open() as cockpit:
        cockpit.rotation()
        cockpit.press_until("t", "blanks between")
        send(cockpit, b"\x1b[200~\x1b]0;x\x07" + b"A" * 100_000 + b"\x1b[201~")
        cockpit.press_until("escape", "s strategy")
        cockpit.press_until("t", "blanks between")
        cockpit.press(*"UNI")
        cockpit.see("tokens UNI")
        cockpit.press("escape")
        cockpit.press_until("2", "free reserve")
        cockpit.quit()


def test_noise_of_every_byte_leaves_a_cockpit_or_an_orderly_end(home: Home) -> None:
    """Two hundred kilobytes of random bytes hold every key, `q` among them."""
    noise = random.Random(SEED).randbytes(200_000)
    with home.open() as cockpit:
        cockpit.see("rev ", "B DeFi")
        send(cockpit, noise)
        while not cockpit.over:  # a key that comes while it is not calm yet is taken for noise
            cockpit.settle(quiet=2 * CALM)
            cockpit.press("\x11")
        ended = cockpit.exit_code()
        cockpit.settle()
        cockpit.check_restored()
    assert ended in (0, -signal.SIGQUIT, -signal.SIGINT), "once it has left, the rest of the noise is typed at the shell"
    assert home.confirmed() == []
