"""What a desk answers beside its picture: an asset's orders and fills, shocks before and after a plan, reports and kept files."""

from decimal import Decimal
from pathlib import Path

import pytest
from msgspec.structs import replace

from cockpit.desk import Desk
from cockpit.inquiries import dossier, steps_left
from cockpit.model.assets import Sector
from cockpit.model.charts import PriceHistory
from cockpit.model.errors import BadInput, CockpitError, MarketUnavailable
from cockpit.model.inquiry import Dossier, RiskShare, Shocks
from tests.desk.driving import SAMPLES, carry_out, desk_on, execution_of, worked_plan
from tests.rotation.worlds import hundred_thousand, pinned, settings, universe

D = Decimal
CRASH = Shocks(sectors={Sector.L1: D("-0.20"), Sector.DEFI: D("-0.30")})


def risk_of(found: Dossier) -> RiskShare:
    assert found.risk is not None, found.risk_unknown
    return found.risk


def test_before_a_plan_only_spot_falls_after_it_hedge_and_longs_move_too(desk: Desk) -> None:
    """-8,000 - 7,500 as the book is; the plan's end loses the published 21,000 over every stop."""
    found = desk.what_if(CRASH, worked_plan(desk))
    assert found.now.nav_gap == found.now.nav_before - 15_500
    assert found.planned is not None
    assert found.planned.nav_gap == found.planned.nav_before - 21_000
    assert desk.what_if(CRASH, None).planned is None


def test_the_ladder_has_the_shock_itself_and_other_shocks_stand_beside_it_on_the_same_prices(desk: Desk) -> None:
    """At half the shock: 99,982.50 - 4,000 + 1,000 - 3,750 of spot and hedge, and two stops at 1,912.1715625."""
    half = Shocks(sectors={Sector.L1: D("-0.10"), Sector.DEFI: D("-0.15")})
    found = desk.what_if(CRASH, worked_plan(desk), [half, Shocks()])
    assert found.ladder is not None
    assert found.ladder.lead == D("-0.30")
    rungs = {rung.move: rung for rung in found.ladder.rungs}
    same = rungs[D("-0.30")]
    assert (same.shocks, same.now, same.planned) == (CRASH, found.now, found.planned)
    assert [(told.now, told.planned) for told in found.others] == [
        (rungs[D("-0.15")].now, rungs[D("-0.15")].planned),
        (rungs[D(0)].now, rungs[D(0)].planned),
    ]
    assert found.others[0].planned is not None
    assert found.others[0].planned.nav_after == D("89408.156875")
    assert found.ladder.now == ()
    assert {reach.asset for reach in found.ladder.planned} == {"ETH", "UNI", "AAVE"}


def test_a_shock_that_moves_nothing_has_no_ladder(desk: Desk) -> None:
    assert desk.what_if(Shocks(), worked_plan(desk)).ladder is None
    assert desk.what_if(Shocks(assets={"ETH": D(0)}), None).ladder is None


def test_of_a_plan_in_execution_only_what_is_left_is_replayed(desk: Desk) -> None:
    plan = worked_plan(desk)
    whole = desk.what_if(CRASH, plan).planned
    desk.begin(plan)
    carry_out(desk, steps=3)
    assert [step.number for step in steps_left(plan, execution_of(desk))] == [4, 5, 6]
    found = desk.what_if(CRASH, plan)
    assert found.planned == whole
    assert found.now.nav_gap == found.now.nav_before - 13_500
    carry_out(desk)
    done = desk.what_if(CRASH, plan)
    assert done.planned == done.now


def test_an_asset_that_nobody_knows_is_refused_with_the_nearest_name(desk: Desk) -> None:
    with pytest.raises(BadInput, match="AAEV is neither held nor in the universe; did you mean AAVE"):
        desk.what_if(Shocks(assets={"AAEV": D("-0.1")}), None)


def test_a_plan_that_no_longer_fits_the_book_says_so(desk: Desk) -> None:
    plan = worked_plan(desk)
    hungry = replace(plan, steps=tuple(replace(step, quantity=step.quantity * 5) for step in plan.steps))
    with pytest.raises(CockpitError, match="no longer fits the book, preview it again"):
        desk.what_if(CRASH, hungry)


def test_a_dossier_has_the_orders_with_their_stop_and_the_fills_newest_first(desk: Desk) -> None:
    desk.begin(worked_plan(desk))
    carry_out(desk, steps=2)
    found = desk.dossier("ETH")
    assert {(o.action, o.step, o.quantity, o.price, o.protective) for o in found.orders} == {
        ("open_short", 2, D("2.5"), D(4000), False),
        ("stop", 2, D("2.5"), D(4480), True),
    }
    entry = next(order for order in found.orders if not order.protective)
    assert (entry.state, entry.filled) == ("FILLED", D("2.5"))
    assert [(f.side, f.quantity, f.price, f.fee) for f in found.fills] == [("sell", D("2.5"), D(4000), D(5))]
    assert [order.at for order in found.orders] == sorted((order.at for order in found.orders), reverse=True)
    assert found.history.days
    assert desk.dossier("UNI").orders == ()


def test_a_dossier_says_what_the_asset_puts_at_risk(desk: Desk) -> None:
    """ETH 30,000 net x .25 = 7,500 of 7,500 + 25,000 x .30 = 7,500; its stop at 4,480 loses 1,239.22."""
    desk.begin(worked_plan(desk))
    carry_out(desk, steps=2)
    risk = risk_of(desk.dossier("ETH"))
    assert risk.shock_loss == 7500
    assert risk.share == D("0.5")
    assert risk.stop_loss == (D(4480) * D("1.003") * D("1.0005") - 4000) * D("2.5")


def test_a_position_is_as_old_as_its_first_fill(desk: Desk) -> None:
    desk.begin(worked_plan(desk))
    carry_out(desk, steps=2)
    (first,) = desk.dossier("ETH").fills
    (line,) = [line for line in desk.tick().positions if line.position.asset == "ETH"]
    assert line.position.opened_at == first.at


def test_a_dossier_before_the_store_is_open_has_no_orders(tmp_path: Path) -> None:
    closed = desk_on("hundred_thousand", tmp_path)
    found = closed.dossier("UNI")
    assert (found.orders, found.fills) == ((), ())
    assert risk_of(found).shock_loss == 12_500 * D("0.30")


def test_without_a_usable_history_only_the_price_chart_is_empty() -> None:
    def history(asset: str, days: int) -> PriceHistory:
        raise MarketUnavailable(f"no prices of {asset} for {days} days")

    found = dossier("ETH", hundred_thousand(), lambda _: pinned(), universe(), settings(), history)
    assert found.history.days == ()
    assert risk_of(found).shock_loss == 10_000


def test_a_holding_without_a_price_leaves_the_share_of_risk_unknown_and_names_itself(tmp_path: Path) -> None:
    """The sample of unmapped assets as its owner would have it who forgot to pin one price."""
    text = SAMPLES["unmapped"].read_text(encoding="utf-8")
    unpriced = tmp_path / "unpriced.toml"
    unpriced.write_text(text.replace('NAN = "4"\n', ""), encoding="utf-8")
    found = desk_on(unpriced, tmp_path).dossier("ETH")
    assert found.history.days
    assert found.risk is None
    assert "no price of NAN: pin one under [prices]" in found.risk_unknown


def test_a_report_is_a_new_file_that_says_what_the_plan_says(desk: Desk, tmp_path: Path) -> None:
    plan = worked_plan(desk)
    first, second = desk.report(plan, tmp_path), desk.report(plan, tmp_path)
    assert first != second
    text = first.read_text(encoding="utf-8")
    assert second.read_text(encoding="utf-8") == text
    for words in (
        "strategy B DeFi Alpha Hunt",
        "**PAPER · SIMULATED**",
        "| L1 | 40.0 % | 30.0 % | 30.0 % |",
        "| 2 | ▼ SELL SHORT 2.5 ETH perpetual at 4,000.00 |",
        "17,482.50",
    ):
        assert words in text


def test_a_kept_file_is_new_and_stays_in_its_folder(desk: Desk, tmp_path: Path) -> None:
    assert desk.keep("screen.svg", "<svg/>", tmp_path) == tmp_path / "screen.svg"
    assert desk.keep("screen.svg", "<svg>2</svg>", tmp_path) == tmp_path / "screen-2.svg"
    assert (tmp_path / "screen.svg").read_text(encoding="utf-8") == "<svg/>"
    with pytest.raises(BadInput, match="cannot be the name of a file"):
        desk.keep("../screen.svg", "", tmp_path)
