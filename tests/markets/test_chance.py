"""Numbers that depend on nothing but their name."""

from statistics import fmean, pvariance

from hypothesis import given
from hypothesis import strategies as st

from cockpit.markets.chance import DAY_SECONDS, bridge, jumps, normal, uniform


def test_a_name_gives_the_same_number_on_every_machine() -> None:
    assert uniform(7, "ETH") == uniform(7, "ETH")
    assert (uniform(7, "a") * 2**64, round(normal(7, "a"), 12)) == (6746742622965126144, -0.149775416594)
    assert uniform(7, "ETH") != uniform(8, "ETH")


def test_normal_numbers_have_mean_0_and_variance_1() -> None:
    drawn = [normal("sample", number) for number in range(20_000)]
    assert abs(fmean(drawn)) < 0.03
    assert abs(pvariance(drawn) - 1) < 0.03
    assert max(map(abs, drawn)) < 3.5


@given(st.integers(), st.text(max_size=8))
def test_a_bridge_is_0_at_both_ends_of_the_day(seed: int, name: str) -> None:
    assert bridge(0, seed, name) == 0
    assert abs(bridge(DAY_SECONDS - 0.001, seed, name)) < 0.02
    assert jumps(0, 1.0, 0.05, seed, name) == 0
    assert abs(jumps(DAY_SECONDS - 0.001, 1.0, 0.05, seed, name)) < 1e-8


def test_a_bridge_has_the_variance_of_a_brownian_bridge() -> None:
    """Variance t (1 - t) at time t of the day."""
    for part in (0.25, 0.5, 0.8):
        drawn = [bridge(part * DAY_SECONDS, "variance", number) for number in range(3_000)]
        assert abs(pvariance(drawn) / (part * (1 - part)) - 1) < 0.1


def test_a_bridge_walks_with_the_steps_of_a_random_walk() -> None:
    """The variance of a step is its share of the day, at every scale."""
    for step in (60, 600, 3600):
        moves = [bridge(40_000 + step, "steps", n) - bridge(40_000, "steps", n) for n in range(3_000)]
        assert 0.75 < pvariance(moves) / (step / DAY_SECONDS) < 1.25


def test_a_jump_comes_with_its_probability_and_drifts_back() -> None:
    leaps = [max(abs(jumps(s, 0.25, 0.05, "leaps", n)) for s in range(0, DAY_SECONDS, 1800)) for n in range(400)]
    jumped = [leap for leap in leaps if leap]
    assert 0.18 < len(jumped) / len(leaps) < 0.32
    assert all(0.01 < leap < 0.08 for leap in jumped)
