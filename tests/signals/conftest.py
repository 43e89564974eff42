"""Settings as shipped, and histories computed once."""

import tomllib
from pathlib import Path

import msgspec
import pytest

import cockpit
from cockpit.model.readings import PhaseSettings
from cockpit.signals.engine import Signals, compute
from cockpit.signals.history import MarketHistory
from tests.signals.markets import BASKET, DEFI_BASKET, read_recorded, synthetic, universe


@pytest.fixture(scope="session")
def settings() -> PhaseSettings:
    path = Path(cockpit.__file__).parent / "files" / "shipped" / "phase.toml"
    return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), PhaseSettings)


@pytest.fixture(scope="session")
def market() -> MarketHistory:
    return synthetic()


@pytest.fixture(scope="session")
def signals(market: MarketHistory, settings: PhaseSettings) -> Signals:
    return compute(market, universe(), settings)


@pytest.fixture(scope="session")
def real_market(shared_data: Path) -> MarketHistory:
    return read_recorded(shared_data)


@pytest.fixture(scope="session")
def real(real_market: MarketHistory, settings: PhaseSettings) -> Signals:
    return compute(real_market, universe(BASKET, DEFI_BASKET), settings)
