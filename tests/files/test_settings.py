"""Universe, limits, phase settings and strategies: the shipped ones are sound, the trader's own take their place."""

from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.files import strategies
from cockpit.files.settings import choose, load_phase_settings, load_risk_settings, load_universe
from cockpit.files.shipped import shipped
from cockpit.model.assets import Sector
from cockpit.model.errors import BadInput
from cockpit.model.money import ONE

UNIVERSE = shipped("universe.toml").read_text()
LIMITS = shipped("limits.toml").read_text()
PHASE = shipped("phase.toml").read_text()
STRATEGY_A = (shipped("strategies") / "A.toml").read_text()


def changed(text: str, old: str, new: str) -> str:
    assert old in text
    return text.replace(old, new, 1)


def test_the_shipped_universe_covers_what_the_blueprint_rotates() -> None:
    universe = load_universe(shipped("universe.toml"))
    assert len(universe.members(Sector.L1)) >= 12
    assert len(universe.members(Sector.DEFI)) >= 16
    assert len(universe.members(Sector.STABLE)) >= 4
    assert universe.members(Sector.BENCHMARK) == ("BTC",)
    assert all(asset.coingecko for asset in universe.assets.values())


def test_the_shipped_settings_load() -> None:
    limits = load_risk_settings(shipped("limits.toml")).limits
    assert (limits.free_reserve_min, limits.futures_capital_max, limits.leverage_max) == (
        Decimal("0.05"),
        Decimal("0.5"),
        Decimal(3),
    )
    assert limits.order_notional_max == Decimal("0.15")
    assert load_phase_settings(shipped("phase.toml")).schema == 1


def test_the_shipped_strategies_are_those_of_the_blueprint(home: Path) -> None:
    loaded = strategies.load_strategies()
    weights = {key: (s.weights.L1, s.weights.DEFI, s.weights.STABLE) for key, s in loaded.items()}
    d = Decimal
    assert weights["A"] == (d("0.6"), d("0.2"), d("0.2"))
    assert weights["B"] == (d("0.3"), d("0.5"), d("0.2"))
    assert weights["C"] == (d("0.4"), d("0.3"), d("0.3"))
    assert [s.name for s in loaded.values()] == ["Infrastructure First", "DeFi Alpha Hunt", "De-Risk and Consolidate"]
    assert {"reconciled", "literal"} <= loaded["B"].presets.keys()
    assert all(sum(w) == ONE for w in weights.values())


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ('symbol = "ETH"', 'symbol = "eth"', ["asset[1].symbol", "is no ticker"]),
        ('symbol = "SOL"', 'symbol = "ETH"', ["asset[2].symbol: ETH is listed twice"]),
        ('sector = "L1"', 'sector = "L2"', ["asset[1].sector", '"L2" is not known; known are L1, DEFI']),
        ('sector = "L1"', 'sector = "UNCLASSIFIED"', ["asset[1].sector", "not being in the universe"]),
        ('symbol = "USDT"', 'symbol = "USDX"', ["USDT is missing as a STABLE"]),
        ('name = "Bitcoin"', 'nmae = "Bitcoin"', ["asset[0].nmae: is not a known key", "did you mean name?"]),
        ('name = "Bitcoin"', 'name = "Bit\\u202ecoin"', ["asset[0].name: holds control or invisible"]),
        ("schema = 1", "schema = 7", ["schema: is 7"]),
    ],
)
def test_a_universe_with_a_slip_is_refused(tmp_path: Path, old: str, new: str, parts: list[str]) -> None:
    path = tmp_path / "universe.toml"
    path.write_text(changed(UNIVERSE, old, new))
    with pytest.raises(BadInput) as caught:
        load_universe(path)
    assert all(part in str(caught.value) for part in (*parts, str(path)))


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ('free_reserve_min = "0.05"', "free_reserve_min = 0.05", ["limits.free_reserve_min: is a bare number"]),
        ('free_reserve_min = "0.05"', 'free_reserve_min = "5"', ["limits.free_reserve_min: is 5; it must lie between 0 and 1"]),
        ('free_reserve_min = "0.05"', 'free_reserve_min = "-0.05"', ["limits.free_reserve_min: is -0.05"]),
        ('free_reserve_min = "0.05"', 'free_reserve_min = "NaN"', ["limits.free_reserve_min: is not a finite number"]),
        ('free_reserve_min = "0.05"', "", ["limits.free_reserve_min: is missing"]),
        ('free_reserve_min = "0.05"', 'free_reserv_min = "0.05"', ["did you mean free_reserve_min?"]),
        ('leverage_max = "3"', 'leverage_max = "126"', ["limits.leverage_max: is 126; it must lie between 1 and 125"]),
        ('leverage_max = "3"', 'leverage_max = "0"', ["limits.leverage_max: is 0"]),
        ('leverage_default = "2"', 'leverage_default = "4"', ["limits.leverage_default: is 4, more than leverage_max, 3"]),
        ('leverage_default = "2"', 'leverage_default = "0.5"', ["limits.leverage_default: is 0.5; it must be at least 1"]),
        ('daily_loss_reducing = "0.03"', 'daily_loss_reducing = "0.06"', ["more than daily_loss_halted"]),
        ('quote_age_max_s = "10"', 'quote_age_max_s = "0"', ["limits.quote_age_max_s: is 0"]),
        ('spot_taker = "0.001"', 'spot_taker = "10"', ["fees.spot_taker: is 10"]),
    ],
)
def test_limits_that_make_no_sense_are_refused(tmp_path: Path, old: str, new: str, parts: list[str]) -> None:
    path = tmp_path / "limits.toml"
    path.write_text(changed(LIMITS, old, new))
    with pytest.raises(BadInput) as caught:
        load_risk_settings(path)
    assert all(part in str(caught.value) for part in (*parts, str(path)))


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("half_life = 3 ", "half_life = 0 ", ["half_life"]),
        ("half_life = 3 ", 'half_life = "3" ', ["decision.half_life: must be a number, not text in quotes"]),
        ("half_life = 3 ", "half_live = 3 ", ["decision.half_live: is not a known key", "did you mean half_life?"]),
        ("half_life = 3 ", "half_life = nan ", ["decision.half_life: is not a finite number"]),
        ("l1_rs = 0.25", "l1_rs = 0.35", ["weights.A", "add up to 1"]),
    ],
)
def test_phase_settings_that_make_no_sense_are_refused(tmp_path: Path, old: str, new: str, parts: list[str]) -> None:
    path = tmp_path / "phase.toml"
    path.write_text(changed(PHASE, old, new))
    with pytest.raises(BadInput) as caught:
        load_phase_settings(path)
    assert all(part in str(caught.value) for part in (*parts, str(path)))


def test_a_traders_own_copy_takes_the_place_of_the_shipped_file(home: Path) -> None:
    own = home / "config" / "rotation-cockpit"
    own.mkdir(parents=True)
    (own / "limits.toml").write_text(changed(LIMITS, 'free_reserve_min = "0.05"', 'free_reserve_min = "0.10"'))
    assert load_risk_settings().limits.free_reserve_min == Decimal("0.10")


def strategy_file(home: Path, name: str, text: str) -> Path:
    folder = home / "config" / "rotation-cockpit" / "strategies"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text)
    return folder / name


def test_a_traders_strategies_stand_beside_the_shipped_ones(home: Path) -> None:
    strategy_file(home, "calm.toml", changed(STRATEGY_A, 'id = "A"', 'id = "calm"'))
    assert list(strategies.load_strategies()) == ["A", "B", "C", "calm"]


def test_an_edited_copy_of_a_shipped_strategy_takes_its_place(home: Path) -> None:
    strategy_file(home, "mine.toml", changed(STRATEGY_A, '"Infrastructure First"', '"Mine"'))
    assert strategies.load_strategies()["A"].name == "Mine"


def test_two_own_strategies_with_one_id_are_refused(home: Path) -> None:
    strategy_file(home, "one.toml", STRATEGY_A)
    strategy_file(home, "two.toml", STRATEGY_A)
    with pytest.raises(BadInput, match=r'two\.toml: id: "A" is used by one\.toml as well'):
        strategies.load_strategies()


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ('id = "A"', 'id = "auto"', ["id", 'not "auto"']),
        ('id = "A"', 'id = "[/]"', ["id", "is no id"]),
        ('phase = "A"', 'phase = "D"', ['phase: "D" is no phase; use A, B, C']),
        ('mode = "spot"', 'mode = "yolo"', ["mode", '"yolo" is not known; known are spot, overlay, blend']),
        ('L1 = "0.60"', 'L1 = "0.70"', ["weights: add up to 1.1; they must add up to 1"]),
        ('L1 = "0.60"\nDEFI = "0.20"', 'L1 = "-0.20"\nDEFI = "1"', ["weights.L1: is -0.2"]),
        ('L1 = "0.60"', "L1 = 0.60", ["weights.L1: is a bare number"]),
        ('leverage = "1.5"', 'leverage = "0"', ["overlay.leverage: is 0; it must lie between 1 and 125"]),
        ('leverage = "1.5"', 'leverage = "126"', ["overlay.leverage: is 126"]),
        ('leverage = "1.5"', 'hedge_ratio = "-1"', ["overlay.hedge_ratio: is -1"]),
        ('leverage = "1.5"', 'levrage = "2"', ["overlay.levrage: is not a known key", "did you mean leverage?"]),
        ('leverage = "1.5"', "[overlay.tokens]\nSTABLE = [\"USDC\"]", ["overlay.tokens.STABLE"]),
        ('leverage = "1.5"', "[overlay.tokens]\nL1 = [\"ETH\", \"ETH\"]", ["names a token twice"]),
        ('leverage = "1.5"', "[overlay.tokens]\nL1 = [\"[/]\"]", ["overlay.tokens.L1[0]", "is no ticker"]),
        ('mode = "spot"', 'mode = "spot"\nnever_raise = ["STABLE"]', ["never_raise[0]: STABLE cannot be listed"]),
    ],
)  # fmt: skip
def test_a_strategy_with_a_slip_is_refused_and_never_replaced_by_the_shipped_one(
    home: Path, old: str, new: str, parts: list[str]
) -> None:
    path = strategy_file(home, "mine.toml", changed(STRATEGY_A, old, new))
    with pytest.raises(BadInput) as caught:
        strategies.load_strategies()
    assert all(part in str(caught.value) for part in (*parts, str(path)))


def test_choosing_names_the_nearest_match() -> None:
    known = {s.id: s for s in (strategies.load_strategy(path) for path in sorted(shipped("strategies").glob("*.toml")))}
    assert choose("strategy", "B", known).name == "DeFi Alpha Hunt"
    with pytest.raises(BadInput, match=r"there is no strategy 'b'; did you mean B\?"):
        choose("strategy", "b", known)
    with pytest.raises(BadInput, match="there is no strategy 'zzz'; known are A, B, C"):
        choose("strategy", "zzz", known)
