"""Every verb that reads: what it prints, its JSON, and that it leaves nothing behind."""

import csv
import io
import re
import tomllib
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest

from cockpit.files.shipped import shipped
from tests.cli.running import SAMPLES, WORKED, Cockpit, refused

PHASES = {"A", "B", "C", "UNDETERMINED"}


@pytest.mark.parametrize("verb", ["run", "signals", "phase", "plan", "show", "apply", "journal"])
def test_every_verb_explains_itself(verb: str, cockpit: Cockpit) -> None:
    ended = cockpit(verb, "--help")
    assert ended.code == 0
    assert ended.out.startswith(f"Usage: cockpit {verb}")


def test_version_and_help(cockpit: Cockpit) -> None:
    assert "cockpit, version" in cockpit("--version").out
    listed = cockpit("--help").out
    assert all(verb in listed for verb in ("run", "signals", "phase", "plan", "show", "apply", "journal"))


@pytest.mark.parametrize(
    "args",
    [
        ("signals",),
        ("signals", "--json"),
        ("phase",),
        ("phase", "--history"),
        ("plan", "--strategy", "B"),
        ("plan", "--json"),
        ("journal",),
        ("journal", "--json"),
        ("plan", "--strategy", "B", "--preset", "literal"),
    ],
    ids=" ".join,
)
def test_reading_verbs_write_nothing(args: tuple[str, ...], cockpit: Cockpit) -> None:
    cockpit(*args)
    assert cockpit.left_behind == []
    assert list(cockpit.folder.iterdir()) == []


def test_show_writes_nothing_either(cockpit: Cockpit) -> None:
    plan = cockpit.worked_plan()
    assert cockpit("show", plan).code == 0
    assert cockpit.left_behind == []
    assert list(cockpit.folder.iterdir()) == [plan]


def test_signals_say_value_unit_age_source_and_quality(cockpit: Cockpit) -> None:
    found = cockpit("signals", "--json").json
    assert set(found) == {"call", "readings"}
    for reading in found["readings"]:
        assert {"subject", "indicator", "unit", "source", "quality"} <= set(reading), "what is not known has no key"
        assert 0 <= reading["quality"] <= 1
        assert -1 <= reading.get("score", 0) <= 1
        assert "raw" not in reading or "age" in reading
    assert {"MARKET", "L1", "DEFI"} <= {reading["subject"] for reading in found["readings"]}
    head = " ".join(cockpit("signals").out.splitlines()[0].split())
    assert head == "subject indicator value unit age at close source quality score"


@pytest.mark.parametrize(
    "verb", [("signals",), ("phase",), ("plan", "--strategy", "C"), WORKED], ids=lambda verb: " ".join(verb[:3])
)
def test_what_is_printed_passes_any_pipe(verb: tuple[str, ...], cockpit: Cockpit) -> None:
    """The screens' numbers with ASCII signs: no minus but the hyphen, no dot that stands for nothing."""
    shown = cockpit(*verb).out
    assert shown.isascii()
    assert re.search(r"\d", shown)
    assert not re.search(r"-0(\.0*)?(?![\d.])", shown), "what is zero has no sign"


def test_a_phase_says_why_and_what_would_change_it(cockpit: Cockpit) -> None:
    found = cockpit("phase", "--json").json
    assert set(found) == {"call", "triggers"}
    assert found["call"]["phase"] in PHASES
    assert found["call"]["label"] == "SIMULATED"
    shown = cockpit("phase").out
    assert shown.startswith("SIMULATED")
    assert f"phase {found['call']['phase']}: " in shown
    assert "what would change it" in shown
    assert "triggers" in shown


def test_the_same_seed_gives_the_same_answer_and_another_one_another(cockpit: Cockpit) -> None:
    first, again, other = (cockpit("phase", "--seed", seed, "--history").out for seed in ("7", "7", "8"))
    assert first == again
    assert first != other


def test_history_has_one_row_a_day(cockpit: Cockpit) -> None:
    rows = list(csv.DictReader(io.StringIO(cockpit("phase", "--history").out)))
    assert list(rows[0]) == ["date", "phase", "S_A", "S_B", "S_C", "confidence", "coverage"]
    days = [date.fromisoformat(row["date"]) for row in rows]
    assert [(after - before).days for before, after in pairwise(days)] == [1] * (len(days) - 1)
    assert len(days) >= 700
    assert {row["phase"] for row in rows} == PHASES
    as_json = cockpit("phase", "--history", "--json").json
    assert [row["phase"] for row in as_json] == [row["phase"] for row in rows]
    assert all(set(row) == set(rows[0]) for row in as_json)
    assert as_json[0]["S_A"] is None


def test_a_score_is_printed_beside_what_needs_no_engine(cockpit: Cockpit) -> None:
    rows = list(csv.DictReader(io.StringIO(cockpit("phase", "--history").out)))
    labels = cockpit.folder / "labels.csv"
    labels.write_text(f"start,end,phase\n{rows[200]['date']},{rows[260]['date']},B\n", encoding="utf-8")
    shown = cockpit("phase", "--score", labels).out
    assert all(words in shown for words in ("engine", "always A", "always C", "best trailing 30 days", "no economic edge"))
    report = cockpit("phase", "--score", labels, "--json").json
    assert report["windows"] == 1
    assert report["days"] == 61 - 14
    right = sum(row["phase"] == "B" for row in rows[214:261])
    engine = next(method for method in report["methods"] if method["method"] == "engine")
    assert engine["accuracy"] == pytest.approx(right / 47)


def test_history_and_score_are_two_questions(cockpit: Cockpit) -> None:
    assert "ask one of them" in refused(cockpit("phase", "--history", "--score", "x.csv"), 2)


@pytest.mark.shared
def test_real_history_answers_as_of_a_day(cockpit: Cockpit, shared_data: Path) -> None:
    market = ("--market", f"recorded:{shared_data}", "--as-of", "2021-08-20")
    call = cockpit("phase", *market, "--json").json["call"]
    assert (call["label"], call["day"], call["phase"]) == ("RECORDED", "2021-08-20", "B")
    rows = cockpit("phase", *market, "--history", "--json").json
    assert rows[-1]["date"] == "2021-08-20"
    assert rows[-1]["phase"] == call["phase"]
    plan = cockpit("plan", "--portfolio", SAMPLES["hundred_thousand"], *market, "--json").json
    assert plan["plan"]["strategy"] == "B"
    assert plan["plan"]["market"]["as_of"] == "2021-08-21T00:00:00Z"
    assert cockpit.left_behind == []


def test_auto_follows_the_phase_and_a_named_strategy_does_not(cockpit: Cockpit) -> None:
    phase = cockpit("phase", "--json").json["call"]["phase"]
    assert cockpit("plan", "--portfolio", SAMPLES["hundred_thousand"], "--json").json["plan"]["strategy"] == phase
    other = next(letter for letter in "CAB" if letter != phase)
    named = cockpit("plan", "--portfolio", SAMPLES["hundred_thousand"], "--strategy", other, "--json").json
    assert named["plan"]["strategy"] == other


@pytest.mark.parametrize("mode", ["spot", "overlay", "blend"])
def test_the_mode_decides_what_is_traded(mode: str, cockpit: Cockpit) -> None:
    plan = cockpit("plan", "--portfolio", SAMPLES["hundred_thousand"], "--strategy", "B", "--mode", mode, "--json").json
    assert plan["plan"]["mode"] == mode
    actions = {step["action"] for step in plan["step"]}
    spot, perp = {"buy", "sell"}, {"open_long", "open_short"}
    assert bool(actions & spot) == (mode != "overlay")
    assert bool(actions & perp) == (mode != "spot")


def test_hedge_ratio_leverage_and_tranche_are_taken(cockpit: Cockpit) -> None:
    overlay = ("plan", "--portfolio", SAMPLES["hundred_thousand"], "--strategy", "B", "--mode", "overlay", "--json")
    whole = cockpit(*overlay, "--leverage", "2.5").json
    assert {step["leverage"] for step in whole["step"] if "leverage" in step} == {"2.5"}
    half = cockpit(*overlay, "--tranche", "0.5").json
    shorts = [[step["quantity"] for step in plan["step"] if step["action"] == "open_short"] for plan in (whole, half)]
    assert shorts == [["2.5"], ["1.25"]]
    capped = cockpit(*overlay, "--hedge-ratio", "0.1").json
    assert [step["quantity"] for step in capped["step"] if step["action"] == "open_short"] == ["1"]


def test_a_plan_is_written_and_never_over_an_existing_file(cockpit: Cockpit) -> None:
    path = cockpit.worked_plan()
    before = path.read_bytes()
    assert tomllib.loads(before.decode())["plan"]["preset"] == "reconciled"
    ended = cockpit(*WORKED, "--out", path)
    assert "exists already" in refused(ended, 2)
    assert path.read_bytes() == before


def test_with_json_the_file_is_named_on_the_other_stream(cockpit: Cockpit) -> None:
    ended = cockpit(*WORKED, "--json", "--out", "plan.toml")
    assert ended.json["plan"]["strategy"] == "B"
    assert ended.err == "written to plan.toml\n"
    assert cockpit("show", "plan.toml", "--json").json == ended.json


@pytest.mark.parametrize("sample", ["hundred_thousand", "two_venues", "unmapped"])
def test_show_prints_the_plan_that_was_printed_when_it_was_made(cockpit: Cockpit, sample: str) -> None:
    made = cockpit("plan", "--portfolio", SAMPLES[sample], "--strategy", "B", "--mode", "blend", "--out", "plan.toml")
    assert cockpit("show", "plan.toml").out + "written to plan.toml\n" == made.out


def test_show_says_when_a_plan_was_edited(cockpit: Cockpit) -> None:
    path = cockpit.worked_plan()
    shown = cockpit("show", path)
    assert shown.err == ""
    path.write_text(path.read_text("utf-8").replace('quantity = "1250"', 'quantity = "1000"'), "utf-8")
    edited = cockpit("show", path)
    assert edited.code == 0
    assert "BUY LONG 1,000 UNI" in edited.out
    assert "edited by hand" in edited.err


def test_the_config_file_gives_defaults_and_flags_win(cockpit: Cockpit) -> None:
    folder = Path(cockpit.variables["XDG_CONFIG_HOME"]) / "rotation-cockpit"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text(f'schema = 1\nportfolio = "{SAMPLES["small"]}"\n', encoding="utf-8")
    assert cockpit("plan", "--strategy", "B", "--json").json["plan"]["book"]["name"] == "Small"
    named = cockpit("plan", "--strategy", "B", "--portfolio", SAMPLES["two_venues"], "--json").json
    assert named["plan"]["book"]["name"] == "Two venues"


def test_a_users_strategy_stands_beside_the_shipped_ones(cockpit: Cockpit) -> None:
    folder = Path(cockpit.variables["XDG_CONFIG_HOME"]) / "rotation-cockpit" / "strategies"
    folder.mkdir(parents=True)
    text = (shipped("strategies") / "B.toml").read_text("utf-8")
    assert 'id = "B"' in text
    (folder / "mine.toml").write_text(text.replace('id = "B"', 'id = "MINE"'), encoding="utf-8")
    plan = cockpit("plan", "--portfolio", SAMPLES["hundred_thousand"], "--strategy", "MINE", "--preset", "reconciled", "--json")
    assert plan.code == 0, plan.err
    assert plan.json["plan"]["strategy"] == "MINE"
    assert plan.json["end"]["cash"] == "17482.5"
