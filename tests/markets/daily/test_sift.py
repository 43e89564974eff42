"""A jump counts once a second observation agrees with it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cockpit.markets.daily.series import DAY, Series
from cockpit.markets.daily.sift import FLOW, PRICE, TVL, Held, Rule, sift

NOW = datetime(2025, 10, 22, 12, tzinfo=UTC)
FIRST = date(2022, 1, 20)
EARLIER = NOW - timedelta(minutes=31)


def run_of(*values: str) -> Series:
    """Values of successive days; "-" leaves a day out."""
    return {FIRST + number * DAY: Decimal(value) for number, value in enumerate(values) if value != "-"}


def test_a_fall_to_nothing_for_a_day_is_dropped_as_makers_of_january_2022() -> None:
    # DefiLlama had MakerDAO at 14.7, 0.13 and 15.1 billion on 2022-01-23, -24 and -25.
    judged = sift(run_of("14.7e9", "0.13e9", "15.1e9"), {}, TVL, NOW)
    assert judged.taken == run_of("14.7e9", "-", "15.1e9")
    assert judged.dropped == run_of("-", "0.13e9")


def test_a_loss_that_the_next_day_confirms_is_taken_as_cashios_of_march_2022() -> None:
    # 29.0 million on 2022-03-23, 0.61 on the day after, and it stayed there.
    points = run_of("29.0e6", "0.61e6", "0.60e6")
    assert sift(points, {}, TVL, NOW).taken == points


@pytest.mark.parametrize("last", ["0", "0.13e9", "31e9"])
def test_a_jump_on_the_newest_day_waits(last: str) -> None:
    judged = sift(run_of("14.7e9", last), {}, TVL, NOW)
    assert judged.taken == run_of("14.7e9")
    assert judged.held == {FIRST + DAY: Held(Decimal(last), NOW)}


def test_what_waits_is_taken_when_it_is_seen_again_half_an_hour_later_and_not_before() -> None:
    kept, points = run_of("14.7e9"), run_of("-", "0.13e9")
    soon = {FIRST + DAY: Held(Decimal("0.13e9"), NOW - timedelta(minutes=29))}
    assert sift(points, kept, TVL, NOW, soon).held == soon
    late = {FIRST + DAY: Held(Decimal("0.13e9"), EARLIER)}
    assert sift(points, kept, TVL, NOW, late).taken == points


def test_what_waits_is_forgotten_when_another_value_comes() -> None:
    late = {FIRST + DAY: Held(Decimal("0.13e9"), EARLIER)}
    judged = sift(run_of("-", "14.9e9"), run_of("14.7e9"), TVL, NOW, late)
    assert judged.taken == run_of("-", "14.9e9")
    assert not judged.held


def test_another_jump_waits_from_its_own_time_on() -> None:
    late = {FIRST + DAY: Held(Decimal("0.13e9"), EARLIER)}
    judged = sift(run_of("-", "0"), run_of("14.7e9"), TVL, NOW, late)
    assert judged.held == {FIRST + DAY: Held(Decimal(0), NOW)}


def test_a_second_source_confirms_at_once() -> None:
    waiting = {FIRST + DAY: Held(Decimal(30), NOW)}
    judged = sift(run_of("-", "30.1"), run_of("2"), PRICE, NOW, waiting, second_source=True)
    assert judged.taken == run_of("-", "30.1")


def test_a_price_of_zero_or_below_is_never_taken_however_often_it_is_seen() -> None:
    for value in ("0", "-3"):
        waiting = {FIRST + DAY: Held(Decimal(value), EARLIER)}
        judged = sift(run_of("-", value), run_of("2"), PRICE, NOW, waiting)
        assert (judged.taken, judged.held) == ({}, {})


def test_a_tvl_below_zero_is_never_taken() -> None:
    assert sift(run_of("5", "-1", "5"), {}, TVL, NOW).taken == run_of("5", "-", "5")


def test_what_prices_moved_is_no_jump() -> None:
    points = run_of("10e9", "4e9")
    assert FIRST + DAY in sift(points, {}, TVL, NOW).held
    assert sift(points, {}, TVL, NOW, drift=lambda _before, _after: Decimal("0.4")).taken == points


def test_a_gap_gives_room_for_as_many_days() -> None:
    points = run_of("10", "-", "-", "70")
    assert sift(points, {}, TVL, NOW).taken == points
    assert FIRST + 3 * DAY in sift(run_of("10", "-", "-", "90"), {}, TVL, NOW).held


def test_a_value_that_comes_back_otherwise_is_restated_and_the_new_one_counts() -> None:
    kept = run_of("100", "101", "102")
    judged = sift(run_of("100", "99", "102.2"), kept, TVL, NOW)
    assert judged.taken == run_of("100", "99", "102")
    assert judged.restated == {FIRST + DAY: (Decimal(101), Decimal(99))}


def test_a_kept_value_survives_a_glitch_and_yields_to_a_second_look() -> None:
    kept, gone = run_of("100", "101", "102"), run_of("100", "0", "0")
    judged = sift(gone, kept, TVL, NOW)
    assert judged.taken == kept
    assert set(judged.held) == {FIRST + DAY, FIRST + 2 * DAY}
    waiting = {day: Held(one.value, EARLIER) for day, one in judged.held.items()}
    again = sift(gone, kept, TVL, NOW, waiting)
    assert again.taken == gone
    assert len(again.restated) == 2


def test_fees_may_do_what_they_like() -> None:
    points = run_of("10", "0", "9000", "3")
    assert sift(points, {}, FLOW, NOW).taken == points


VALUES = st.lists(st.integers(-5, 10**6).map(Decimal), min_size=1, max_size=30)


@given(VALUES, st.sampled_from([TVL, PRICE]))
def test_no_step_beyond_the_factor_is_taken_without_a_second_observation(values: list[Decimal], rule: Rule) -> None:
    points = {FIRST + number * DAY: value for number, value in enumerate(values)}
    judged = sift(points, {}, rule, NOW)
    assert rule.factor is not None
    sound = [day for day, value in points.items() if value > 0 or (rule.zero and value == 0)]
    for before, day in zip(taken := sorted(judged.taken), taken[1:], strict=False):
        old, new = judged.taken[before], judged.taken[day]
        reach = rule.factor ** min((day - before).days, 30)
        if not (old > 0 and new > 0 and new <= old * reach and old <= new * reach):
            after = sound[sound.index(day) + 1]
            far = rule.factor ** (after - day).days
            assert points[after] <= new * far
            assert new <= points[after] * far


@given(VALUES, st.sampled_from([TVL, PRICE, FLOW]))
def test_every_sound_value_is_taken_held_or_dropped_and_only_one_of_these(values: list[Decimal], rule: Rule) -> None:
    points = {FIRST + number * DAY: value for number, value in enumerate(values)}
    judged = sift(points, {}, rule, NOW)
    parts = [set(judged.taken), set(judged.held), set(judged.dropped)]
    assert set.union(*parts) == {day for day, value in points.items() if value > 0 or (rule.zero and value == 0)}
    assert sum(map(len, parts)) == len(set.union(*parts))
    assert all(judged.taken[day] == points[day] for day in judged.taken)
