"""Schedules drawn from seeds: lost answers, late deliveries, lagging look-ups and crashes. A failure names its seed.

The number of schedules can be raised by the variable COCKPIT_SIMULATIONS.
"""

import os
from pathlib import Path

import pytest

from tests.execution.simulation import Simulation

SCHEDULES = int(os.environ.get("COCKPIT_SIMULATIONS", "30"))


@pytest.mark.parametrize("seed", range(SCHEDULES))
def test_no_schedule_sends_twice_or_leaves_a_position_naked(tmp_path: Path, seed: int) -> None:
    assert Simulation(tmp_path, seed).run() == "done"
