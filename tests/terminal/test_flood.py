"""Hands are obeyed, noise is not, and after noise it takes a moment of calm to be hands again."""

from cockpit.terminal.flood import A_SECOND, AT_ONCE, CALM, Flood
from tests.seconds import Seconds


def test_a_key_held_down_is_obeyed_for_as_long_as_it_is_held() -> None:
    clock = Seconds()
    flood = Flood(clock)
    for _ in range(10_000):
        clock.now += 1 / A_SECOND
        assert flood.takes()


def test_what_a_line_that_stood_still_brings_at_once_is_obeyed() -> None:
    flood = Flood(Seconds())
    assert all(flood.takes() for _ in range(AT_ONCE))


def test_noise_is_not_obeyed_until_it_is_calm() -> None:
    clock = Seconds()
    flood = Flood(clock)
    taken = 0
    for _ in range(100_000):
        clock.now += 0.0005
        taken += flood.takes()
    assert taken < 2 * AT_ONCE
    clock.now += CALM / 2
    assert not flood.takes(), "the last of the noise"
    clock.now += CALM
    assert flood.takes()


def test_what_follows_noise_at_once_is_more_of_it() -> None:
    clock = Seconds()
    flood = Flood(clock)
    flood.drown()
    for _ in range(100):
        clock.now += CALM / 2
        assert not flood.takes()
    clock.now += 2 * CALM
    assert flood.takes()
