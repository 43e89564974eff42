"""What a desk tells its screens and its journal: phases and refusals once, the worked example's numbers, what a book became."""

import shutil
from datetime import timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from cockpit.desk import Desk
from cockpit.model.errors import BadInput, CockpitError, MarketUnavailable, StoreLost
from cockpit.model.journal import JournalKind
from cockpit.model.picture import Picture, Progress, Stage
from cockpit.model.readings import Phase
from cockpit.model.request import AUTO, PlanRequest
from tests.desk.driving import (
    NOON,
    PATIENCE,
    SAMPLES,
    begin_worked,
    carry_out,
    check_at_rest,
    desk_on,
    kinds,
    session_of,
    worked_plan,
)
from tests.desk.markets import prices_only

D = Decimal


def test_a_store_that_was_deleted_stops_every_confirmation_and_the_picture_says_so(desk: Desk, tmp_path: Path) -> None:
    begin_worked(desk)
    ticket = desk.ticket(1)
    (tmp_path / "store.db").unlink()
    with pytest.raises(StoreLost, match="was deleted or moved away while the cockpit ran"):
        desk.confirm(ticket)
    with pytest.raises(StoreLost):
        desk.tick()
    assert "was deleted or moved away" in desk.picture.failure
    desk.close()
    assert list(tmp_path.glob("store.db*")) == []


def test_the_worked_example_ends_in_its_published_numbers(desk: Desk, tmp_path: Path) -> None:
    begin_worked(desk)
    assert carry_out(desk).finished
    book = check_at_rest(desk)
    account = book.account("main")
    assert account.spot["USDT"] == D("17482.50")
    assert account.futures_wallet == D(17500)
    exposure = desk.tick().exposure
    assert exposure is not None
    assert exposure.gross_futures_notional == D(35000)
    desk.close()
    # A fall of ETH by 5 %: 2.5 short gain 500, 10 in the spot wallet lose 2,000.
    fallen = tmp_path / "fallen.toml"
    fallen.write_text(SAMPLES["hundred_thousand"].read_text("utf-8").replace('ETH = "4000"', 'ETH = "3800"'), "utf-8")
    again = desk_on(fallen, tmp_path)
    try:
        again.open_store()
        after = again.tick().exposure
        assert after is not None
        eth = next(asset for asset in after.assets if asset.asset == "ETH")
        assert eth.unrealised_pnl == 500
        assert eth.spot == 38000
        assert after.nav == exposure.nav - 1500
    finally:
        again.close()


def test_who_comes_back_never_sees_the_book_of_the_file_instead_of_what_became_of_it(desk: Desk, tmp_path: Path) -> None:
    begin_worked(desk)
    carry_out(desk, 2)
    desk.close()
    again = desk_on("hundred_thousand", tmp_path)
    pictures: list[Picture] = []
    again.subscribe(pictures.append)
    try:
        assert again.open_book().exposure is None
        assert again.tick().exposure is None, "a tick that is faster than the store"
        again.open_store()
        assert {picture.revision for picture in pictures if picture.exposure is not None} == {desk.picture.revision}
        assert len(again.picture.positions) == 1
    finally:
        again.close()


def test_the_book_of_the_file_is_shown_at_once_where_it_is_the_book(desk: Desk, tmp_path: Path) -> None:
    new, elsewhere = desk_on("hundred_thousand", tmp_path, fresh=True), tmp_path / "elsewhere"
    assert new.open_book().exposure is not None
    assert desk_on("hundred_thousand", elsewhere).open_book().exposure is not None
    away = desk_on("hundred_thousand", tmp_path)
    (tmp_path / "store.db").write_bytes(b"no store")
    with pytest.raises(CockpitError):
        away.open_store()
    assert away.tick().exposure is not None, "beside the sentence that the store cannot be read"


def test_an_undetermined_phase_refuses_auto_and_leaves_a_named_strategy(tmp_path: Path) -> None:
    market = prices_only(tmp_path / "short")
    desk = desk_on("hundred_thousand", tmp_path, market=f"recorded:{market}")
    try:
        desk.open_store()
        picture = desk.load_signals()
        assert picture.call is not None
        assert picture.call.phase is Phase.UNDETERMINED
        assert picture.target_weights == {}
        refused = desk.propose(PlanRequest(strategy=AUTO))
        assert refused.plan is None
        assert refused.rule == "phase"
        assert "name a strategy yourself" in refused.sentence
        named = worked_plan(desk)
        assert named.plan.phase == "UNDETERMINED"
    finally:
        desk.close()


def test_a_phase_is_journalled_when_it_changes_and_only_then(tmp_path: Path) -> None:
    phases: list[str] = []
    for seed in (7, 7, 11, 3, 5):
        desk = desk_on("hundred_thousand", tmp_path, seed=seed)
        try:
            desk.open_store()
            call = desk.load_signals().call
            assert call is not None
            phases.append(call.phase)
            desk.load_signals()
            told = kinds(desk, JournalKind.PHASE)
        finally:
            desk.close()
    changes = [phase for number, phase in enumerate(phases) if number == 0 or phases[number - 1] != phase]
    assert len(changes) > 1, "the seeds must not all have the same phase"
    assert [message.split(",")[0] for message in told] == [f"phase {phase}" for phase in changes]
    assert f"was {changes[0]}" in told[1]


def test_a_refusal_is_journalled_once_however_often_it_is_previewed(desk: Desk) -> None:
    literal = PlanRequest(strategy="B", preset="literal")
    for _ in range(3):
        assert desk.propose(literal).rule == "free_reserve_min"
    (told,) = kinds(desk, JournalKind.REFUSAL)
    assert "4.97 %" in told


def test_two_refused_previews_side_by_side_are_two_refusals_however_often_they_follow_the_prices(desk: Desk) -> None:
    for _ in range(3):
        assert desk.propose(PlanRequest(strategy="B", preset="literal")).rule == "free_reserve_min"
        assert desk.propose(PlanRequest(strategy="B", leverage=D(5))).rule == "leverage_max"
    assert len(kinds(desk, JournalKind.REFUSAL)) == 2


def test_previews_write_nothing(desk: Desk) -> None:
    before = desk.tick().journal
    for strategy in "ABC":
        desk.propose(PlanRequest(strategy=strategy))
    assert desk.tick().journal == before


def test_an_unknown_strategy_is_refused_with_the_nearest(desk: Desk) -> None:
    with pytest.raises(BadInput, match="strategy"):
        desk.propose(PlanRequest(strategy="[/]\x1b[31m"))


def test_export_names_a_new_file_each_time_and_is_journalled(desk: Desk, tmp_path: Path) -> None:
    plan = worked_plan(desk)
    first, second = desk.export(plan, tmp_path), desk.export(plan, tmp_path)
    assert first != second
    assert first.read_bytes() == second.read_bytes()
    assert kinds(desk, JournalKind.EXPORT) == [f"plan written to {first.name}", f"plan written to {second.name}"]


def test_what_was_confirmed_counts_as_confirmed_where_the_market_falls_silent_right_after(
    desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who is told that nothing was sent sends it again."""
    plan = begin_worked(desk)
    ticket = desk.ticket(1)

    def silent() -> None:
        raise MarketUnavailable("the market gave no prices")

    monkeypatch.setattr(desk, "tick", silent)
    desk.confirm(ticket)
    monkeypatch.undo()
    session_of(desk).executor.wait(plan.plan.id, 1, timeout=PATIENCE)
    assert kinds(desk, JournalKind.CONFIRMED) == ["step 1 confirmed"]


def test_the_executor_lives_in_the_time_of_its_desk(desk: Desk) -> None:
    """An order is too old to be sent, and a day's loss is that of a day, by the clock that the desk was given."""
    assert session_of(desk).executor._ctx.now() == NOON


def test_reopening_resumes_and_says_so_and_an_edited_file_is_told(desk: Desk, tmp_path: Path) -> None:
    begin_worked(desk)
    carry_out(desk, 2)
    desk.close()
    edited = tmp_path / "hundred_thousand.toml"
    shutil.copy(SAMPLES["hundred_thousand"], edited)
    edited.write_text(edited.read_text("utf-8").replace('ETH = "10"', 'ETH = "12"'), "utf-8")
    again = desk_on(edited, tmp_path)
    try:
        picture = again.open_store()
        assert picture.absence is not None
        assert picture.absence.quiet, "the trader left after the second step and has seen it"
        assert "its changes are not used; --fresh starts over" in " ".join(picture.notices)
        assert picture.execution is not None
        assert picture.execution.current == 3
        assert again.tick().book == session_of(again).book()
        assert carry_out(again).finished
        check_at_rest(again)
    finally:
        again.close()
    fresh = desk_on(edited, tmp_path, fresh=True)
    try:
        book = fresh.open_store().book
        assert book is not None
        assert book.account("main").spot["ETH"] == 12
        assert book.account("main").positions == ()
        assert fresh.tick().execution is None
        check_at_rest(fresh)
    finally:
        fresh.close()


def test_a_store_that_cannot_be_opened_leaves_the_book_readable(tmp_path: Path) -> None:
    (tmp_path / "store.db").write_bytes(b"this is no database at all, but long enough to look like one" * 40)
    desk = desk_on("hundred_thousand", tmp_path)
    desk.open_book()
    with pytest.raises(CockpitError) as refused:
        desk.open_store()
    assert len(str(refused.value).splitlines()) == 1
    assert desk.picture.store_progress.stage is Stage.FAILED
    assert desk.picture.exposure is not None
    with pytest.raises(CockpitError, match="store is not open"):
        desk.ticket(1)


def test_every_picture_is_newer_than_the_one_before(desk: Desk) -> None:
    seen: list[Picture] = []
    desk.subscribe(seen.append)
    begin_worked(desk)
    carry_out(desk)
    session_of(desk).executor.stop()  # it tells of the plan's end from its own thread, a moment after the last step
    desk.tick()
    assert seen[-1] == desk.picture
    assert seen[-1].quote_age == timedelta(0)
    assert max(picture.revision for picture in seen) == session_of(desk).book().revision


def test_a_market_silent_at_the_start_is_there_from_the_next_tick_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = desk_on("hundred_thousand", tmp_path)
    answer = desk._market.snapshot

    def silent(_assets: object) -> None:
        raise MarketUnavailable("the market gave no prices")

    monkeypatch.setattr(desk._market, "snapshot", silent)
    with pytest.raises(MarketUnavailable):
        desk.open_book()
    assert desk.picture.book_progress == Progress(stage=Stage.FAILED, message="the market gave no prices")
    monkeypatch.setattr(desk._market, "snapshot", answer)
    assert desk.tick().book_progress.stage is Stage.READY
    desk.close()
