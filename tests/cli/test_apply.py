"""`cockpit apply`: one answer a step, go on where it stopped, and nothing of a plan that does not fit."""

import csv
import io
import re
import tomllib
from pathlib import Path

import pytest

from tests.cli.running import SAMPLES, WORKED, Cockpit, refused

PORTFOLIO = ("--portfolio", SAMPLES["hundred_thousand"])
UNPINNED = """schema = 1
name = "Moving"
[[account]]
id = "main"
venue = "paper"
spot = { USDT = "35000", ETH = "10" }
futures_wallet = "0"
"""


def kinds(cockpit: Cockpit, kind: str) -> list[dict[str, object]]:
    return [row for row in cockpit("journal", "--json").json if row["kind"] == kind]


def edited(path: Path, old: str, new: str) -> Path:
    """A copy of a plan file with an edit by hand."""
    text = path.read_text("utf-8")
    assert old in text
    copy = path.with_name(f"edited-{path.name}")
    copy.write_text(text.replace(old, new), encoding="utf-8")
    return copy


def test_six_times_yes_carries_the_worked_example_out(cockpit: Cockpit) -> None:
    plan = cockpit.worked_plan()
    ended = cockpit("apply", plan, *PORTFOLIO, answers="yes\n" * 6)
    assert ended.code == 0, ended.err
    for words in (
        "opened for the first time",
        "step 1 of 6: move 5,005 from spot to futures",
        "step 2 of 6: SELL SHORT 2.5 ETH @ 4,000.00, stop 4,480.00",
        "liquidation 5,976.10",
        "DONE; filled 2.5 at 4,000.00, fee 5; main: the venue shows the stop of 2.5 ETH at 4480",
        "DONE; filled 1,250 at 10.0000, fee 6.25; main: the venue shows the stop of 1250 UNI at 8.5",
        "the plan is done",
    ):
        assert words in ended.out, words
    assert re.search(r"cash +23,738.75 +17,482.50\n", ended.out), "the transfer of step 5, before and after"
    assert [row["step"] for row in kinds(cockpit, "confirmed")] == [1, 2, 3, 4, 5, 6]
    assert len(kinds(cockpit, "fill")) == 3
    assert len(kinds(cockpit, "stop")) == 3


def test_it_stops_without_an_answer_and_goes_on_where_it_stopped(cockpit: Cockpit) -> None:
    plan = cockpit.worked_plan()
    first = cockpit("apply", plan, *PORTFOLIO, answers="yes\nyes\nno\n")
    assert first.code == 1
    assert "stopped; nothing was sent for this step" in first.out
    second = cockpit("apply", plan, *PORTFOLIO)
    assert "nothing happened" in second.out, "the trader saw all of it"
    assert "2 of 6 steps done" in second.out
    assert "steps done" not in first.out
    assert "step 3 of 6" in second.out
    assert "step 2 of 6" not in second.out
    last = cockpit("apply", plan, *PORTFOLIO, answers="yes\n" * 4)
    assert last.code == 0
    assert [row["step"] for row in kinds(cockpit, "confirmed")] == [1, 2, 3, 4, 5, 6]
    again = cockpit("apply", plan, *PORTFOLIO, answers="yes\n" * 6)
    assert again.code == 3
    assert "nothing of it is sent again" in again.err
    assert len(kinds(cockpit, "fill")) == 3


@pytest.mark.parametrize("answer", ["", "\n", "y\n", "no\n", "yes please\n", "ja\n", "\x1b[Ayes\n"])
def test_only_a_plain_yes_sends(answer: str, cockpit: Cockpit) -> None:
    plan = cockpit.worked_plan()
    assert cockpit("apply", plan, *PORTFOLIO, answers=answer).code == 1
    assert kinds(cockpit, "confirmed") == []


def test_a_skipped_step_is_left_out_and_what_needs_it_is_refused(cockpit: Cockpit) -> None:
    plan = cockpit.worked_plan()
    ended = cockpit("apply", plan, *PORTFOLIO, answers="skip\nskip\nyes\nyes\nskip\nskip\n")
    assert ended.code == 0, ended.err
    assert "step 2 is refused by funds" in ended.out
    assert "the plan is done" in ended.out
    assert [row["step"] for row in kinds(cockpit, "skipped")] == [1, 2, 5, 6]
    assert [row["step"] for row in kinds(cockpit, "confirmed")] == [3, 4]


def test_yes_to_a_refused_step_sends_nothing(cockpit: Cockpit) -> None:
    plan = cockpit.worked_plan()
    ended = cockpit("apply", plan, *PORTFOLIO, answers="skip\nyes\n")
    assert ended.code == 3
    assert "refused by funds" in ended.err
    assert kinds(cockpit, "confirmed") == []


def test_a_plan_of_another_book_is_refused_before_anything_is_opened(cockpit: Cockpit) -> None:
    plan = cockpit.worked_plan()
    sentence = refused(cockpit("apply", plan, "--portfolio", SAMPLES["small"], answers="yes\n"), 2)
    assert "plan.book.name" in sentence
    assert "--portfolio" in sentence
    assert cockpit.left_behind == []


def test_a_plan_on_a_book_that_changed_is_refused_with_before_and_after(cockpit: Cockpit) -> None:
    first, second = cockpit.worked_plan("first.toml"), cockpit.worked_plan("second.toml")
    cockpit("apply", first, *PORTFOLIO, answers="yes\nyes\nno\n")
    ended = cockpit("apply", second, *PORTFOLIO, answers="yes\n" * 6)
    assert ended.code == 3
    for change in ("main holding USDT 35000 → 29995", "main position ETH/USDT:USDT 0 → -2.5", "main futures wallet 0 → 5000"):
        assert change in ended.err
    assert len(kinds(cockpit, "confirmed")) == 2


def test_a_plan_edited_by_hand_is_weighed_again_and_then_done_as_edited(cockpit: Cockpit) -> None:
    plan = edited(cockpit.worked_plan(), 'quantity = "1250"', 'quantity = "1000"')
    stopped = cockpit("apply", plan, *PORTFOLIO, answers="yes\nyes\nno\n")
    assert stopped.code == 1
    rest = cockpit("apply", plan, *PORTFOLIO, answers="yes\n" * 4)
    assert rest.code == 0, rest.err
    assert "step 3 of 6" in rest.out
    assert "DONE; filled 1,000 at 10.0000, fee 5" in rest.out
    assert cockpit("apply", plan, *PORTFOLIO, answers="yes\n").code == 3


def test_an_edited_plan_never_stands_for_the_one_in_execution(cockpit: Cockpit) -> None:
    plan = cockpit.worked_plan()
    cockpit("apply", plan, *PORTFOLIO, answers="yes\nno\n")
    ended = cockpit("apply", edited(plan, 'quantity = "2.5"', 'quantity = "2"'), *PORTFOLIO, answers="yes\n")
    assert ended.code == 3
    assert "step 2 of 6" not in ended.out
    assert [row["step"] for row in kinds(cockpit, "confirmed")] == [1]


@pytest.mark.parametrize(
    ("old", "new", "rule"),
    [
        ('quantity = "1250"', 'quantity = "3000"', "funds"),
        ('leverage = "2"', 'leverage = "5"', "leverage_max"),
        ('stop_price = "8.5"', 'stop_price = "5"', ""),
    ],
)
def test_an_edit_that_breaks_a_rule_sends_nothing(old: str, new: str, rule: str, cockpit: Cockpit) -> None:
    plan = edited(cockpit.worked_plan(), old, new)
    ended = cockpit("apply", plan, *PORTFOLIO, answers="no\n")
    if rule:
        assert ended.code == 3, ended.out
        assert kinds(cockpit, "plan") == []
    else:
        assert "stop 5," not in ended.out, "a stop is set anew by the rules"
    assert kinds(cockpit, "confirmed") == []


def test_an_expired_plan_is_refused_with_its_age(cockpit: Cockpit) -> None:
    """Pinned prices do not age; these move, and the plan was made years ago."""
    portfolio = cockpit.portfolio(UNPINNED)
    path = cockpit.folder / "plan.toml"
    assert cockpit("plan", "--portfolio", portfolio, "--strategy", "B", "--mode", "spot", "--out", path).code == 0
    text = path.read_text("utf-8")
    path.write_text(re.sub(r"created_at = \S+", "created_at = 2021-08-20T00:00:00Z", text), "utf-8")
    ended = cockpit("apply", path, "--portfolio", portfolio, answers="yes\n")
    assert ended.code == 3
    assert "plan age" in ended.err
    assert "limit 60 s" in ended.err
    assert kinds(cockpit, "confirmed") == []


def test_a_plan_of_a_recorded_market_asks_for_that_market(cockpit: Cockpit) -> None:
    rows = "date,BTC,ETH,UNI,AAVE\n2021-08-19,45500,3900,9,240\n2021-08-20,46000,4000,10,250\n"
    market = cockpit.market(prices=rows)
    assert cockpit(*WORKED, "--market", market, "--out", "plan.toml").code == 0
    assert "--market recorded:DIR" in refused(cockpit("apply", "plan.toml", *PORTFOLIO), 2)
    ended = cockpit("apply", "plan.toml", *PORTFOLIO, "--market", market, answers="yes\n" * 6)
    assert ended.code == 0, ended.err


def test_the_journal_reads_as_a_table_as_json_as_csv_and_as_toml(cockpit: Cockpit) -> None:
    plan = cockpit.worked_plan()
    cockpit("apply", plan, *PORTFOLIO, answers="yes\nyes\nno\n")
    rows = cockpit("journal", "--json").json
    assert [row["seq"] for row in rows] == sorted({row["seq"] for row in rows})
    for row in rows:
        assert {"seq", "at", "book", "kind", "message", "revision"} <= set(row)
        assert all(isinstance(value, str) for value in row.get("data", {}).values())
    fill = next(row for row in rows if row["kind"] == "fill")
    assert (fill["data"]["quantity"], fill["data"]["price"], fill["data"]["fee"]) == ("2.5", "4000", "5")
    shown = cockpit("journal").out.splitlines()
    assert len(shown) == 1 + len(rows)
    assert shown[0].split()[:2] == ["seq", "time"]
    assert len(cockpit("journal", "--limit", "2", "--json").json) == 2
    assert cockpit("journal", "--book", "nobody", "--json").json == []
    _, written, _ = cockpit.process("journal", "--csv")
    lines = list(csv.DictReader(io.StringIO(written.decode("utf-8"), newline="")))
    assert [line["message"] for line in lines] == [row["message"] for row in rows]
    assert written.count(b"\r\n") == len(rows) + 1
    events = tomllib.loads(cockpit("journal", "--toml").out)["event"]
    assert [event["data"] for event in events] == [row["data"] for row in rows]
    assert [event["seq"] for event in events] == [row["seq"] for row in rows]
    refused = cockpit("journal", "--csv", "--json")
    assert refused.code == 2
    assert "leave one of them out" in refused.err


def test_another_store_is_another_book(cockpit: Cockpit) -> None:
    plan = cockpit.worked_plan()
    other = ("--store", f"sqlite:///{cockpit.folder / 'other.db'}")
    cockpit("apply", plan, *PORTFOLIO, answers="yes\nno\n")
    ended = cockpit("apply", plan, *PORTFOLIO, *other, answers="yes\nno\n")
    assert "opened for the first time" in ended.out
    assert len(cockpit("journal", *other, "--json").json) == len(cockpit("journal", "--json").json)
