"""No day depends on a later one."""

from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from cockpit.model.readings import PhaseSettings
from cockpit.signals.engine import Signals, compute
from tests.signals.markets import BASKET, DEFI_BASKET, universe

SHARED_FIXTURES = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def _cut_changes_nothing(whole: Signals, cut: Signals) -> None:
    rows = len(cut.states)
    pd.testing.assert_frame_equal(cut.phases(), whole.phases().iloc[:rows], check_freq=False, rtol=1e-9, atol=1e-12)
    for key, track in whole.board.tracks.items():
        earlier = cut.board.tracks[key]
        for part in ("raw", "score", "quality", "age"):
            np.testing.assert_allclose(
                getattr(earlier, part), getattr(track, part)[:rows], rtol=1e-9, atol=1e-12, err_msg=f"{key} {part}"
            )
    day = cut.days[-1]
    assert [trigger.sentence for trigger in cut.triggers(day)] == [item.sentence for item in whole.triggers(day)]
    assert [flip.sentence for flip in cut.call(day).flips] == [flip.sentence for flip in whole.call(day).flips]
    assert cut.call(day).strip == whole.call(day).strip


@given(length=st.integers(min_value=0, max_value=419))
@hypothesis_settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=SHARED_FIXTURES)
def test_cutting_a_market_at_any_day_changes_no_earlier_row(signals: Signals, settings: PhaseSettings, length: int) -> None:
    day = signals.history.first_day + timedelta(days=length)
    _cut_changes_nothing(signals, compute(signals.history.until(day), universe(), settings))


@pytest.mark.shared
@given(length=st.integers(min_value=0, max_value=1095))
@hypothesis_settings(max_examples=8, deadline=None, derandomize=True, suppress_health_check=SHARED_FIXTURES)
def test_cutting_the_real_history_at_any_day_changes_no_earlier_row(real: Signals, settings: PhaseSettings, length: int) -> None:
    day = real.history.first_day + timedelta(days=length)
    _cut_changes_nothing(real, compute(real.history.until(day), universe(BASKET, DEFI_BASKET), settings))
