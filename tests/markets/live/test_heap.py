"""While much comes in, the collector does not go through everything; afterwards it works as before."""

from __future__ import annotations

import gc

import pytest

from cockpit.markets.live.heap import filling


def test_the_collector_works_as_before_once_the_last_one_is_done() -> None:
    before = gc.get_threshold()
    with filling():
        with filling():
            within = gc.get_threshold()
        assert gc.get_threshold() == within
    assert within[:2] == before[:2]
    assert within[2] > 1000 * before[2]
    assert gc.get_threshold() == before


def test_it_works_as_before_after_a_failure() -> None:
    before = gc.get_threshold()
    with pytest.raises(ValueError, match="no"), filling():
        raise ValueError("no")
    assert gc.get_threshold() == before


def test_what_has_come_in_is_not_gone_through_again() -> None:
    held = gc.get_freeze_count()
    with filling():
        made = [[number] for number in range(5000)]
    assert gc.get_freeze_count() >= held + len(made)
