"""When a source works, when it does not, and when another one should stand in for it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from cockpit.markets.live import meter
from cockpit.markets.live.fault import Fault, Kind
from cockpit.markets.live.meter import Meter
from cockpit.model.sources import Health


@pytest.fixture
def binance() -> Meter:
    made = Meter("Binance", lambda: datetime(2026, 8, 20, tzinfo=UTC))
    made.good(0.1)
    return made


@pytest.mark.parametrize("kind", [Kind.BROKEN_OFF, Kind.UNREADABLE])
def test_a_single_bad_answer_is_no_failure_and_two_in_a_row_are(binance: Meter, kind: Kind) -> None:
    binance.bad(Fault(kind))
    assert not binance.failing
    binance.bad(Fault(kind))
    assert binance.failing


@pytest.mark.parametrize("kind", [Kind.TIMEOUT, Kind.BANNED, Kind.GEO_BLOCKED])
def test_who_lets_one_wait_in_vain_or_wants_to_be_left_alone_fails_at_once(binance: Meter, kind: Kind) -> None:
    binance.bad(Fault(kind))
    assert binance.failing
    assert binance.gives_way
    binance.good(0.1)
    assert not binance.gives_way


def test_an_answer_that_is_overdue_gives_way_until_one_comes_in_time(binance: Meter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meter, "OVERDUE", 0.0)
    assert not binance.gives_way
    with binance.awaited():
        assert binance.gives_way
        assert not binance.failing
        line = binance.line()
        assert (line.health, line.sentence) == (Health.FAILING, "Binance takes 0 s to tell prices; it is still asked")
    assert binance.gives_way
    with binance.awaited():
        assert binance.gives_way
    monkeypatch.setattr(meter, "OVERDUE", 60.0)
    assert not binance.gives_way
    assert binance.line().health is Health.GOOD


def test_who_was_slow_when_somebody_last_asked_is_not_called_so_for_ever(binance: Meter, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(meter, "OVERDUE", 0.0)
    with binance.awaited():
        pass
    assert binance.gives_way
    monkeypatch.setattr(meter, "REMEMBERED", 0.0)
    assert not binance.gives_way
    assert binance.line().health is Health.GOOD
