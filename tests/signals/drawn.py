"""One day of every indicator, drawn at random."""

from collections.abc import Sequence

import numpy as np
from hypothesis import strategies as st

from cockpit.model.phase_settings import INDICATORS
from cockpit.signals.indicators import ALL, Track, track

scores = st.lists(st.one_of(st.just(float("nan")), st.floats(min_value=-1, max_value=1)), min_size=len(INDICATORS), max_size=11)
qualities = st.lists(st.floats(min_value=0.05, max_value=1), min_size=len(INDICATORS), max_size=11)


def tracks_of(points: Sequence[float], quality: Sequence[float]) -> list[Track]:
    """One day of every indicator with a given score; the raw number is the score straightened the other way."""
    tracks = []
    for name, value, grade in zip(INDICATORS, points, quality, strict=True):
        indicator = ALL[name]
        linear = np.clip(np.array([value]), indicator.lowest, indicator.highest)
        raw = np.array([indicator.bend(float(linear[0]) * 0.1)])
        tracks.append(track(name, "X", raw, stale=36, linear=linear, per=10.0, grade=grade))
    return tracks
