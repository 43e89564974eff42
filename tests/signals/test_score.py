"""The score against labelled windows: counted by hand, and its input refused in one sentence."""

from pathlib import Path

import msgspec
import numpy as np
import pandas as pd
import pytest

from cockpit.model.errors import BadInput
from cockpit.model.readings import Phase
from cockpit.signals.engine import Signals
from cockpit.signals.score import ScoreReport, read_labels, score, table, trailing_best

DAYS = pd.date_range("2021-01-01", periods=100, freq="D", tz="UTC")


def labels(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "labels.csv"
    path.write_text(text, encoding="utf-8")
    return path


def phases(text: str) -> pd.DataFrame:
    """One letter a day; a dot is UNDETERMINED."""
    return pd.DataFrame({"phase": [Phase.UNDETERMINED if letter == "." else letter for letter in text]}, index=DAYS[: len(text)])


def sectors() -> pd.DataFrame:
    return pd.DataFrame({"L1": np.linspace(1, 2, 100), "DEFI": np.full(100, 1.0)}, index=DAYS)


def test_the_first_14_days_of_a_window_are_not_scored_and_no_call_is_wrong(tmp_path: Path) -> None:
    windows = read_labels(labels(tmp_path, "start,end,phase,note\n2021-01-01,2021-01-24,A,x\n2021-02-01,2021-02-18,B,y\n"))
    # 14 to 24 January: ten of A and one without a call; 15 to 18 February: one B of four.
    calls = "C" * 14 + "A" * 10 + "." + "A" * 20 + "BAAA" + "A" * 51
    report = score(phases(calls), windows, sectors())
    engine = report.engine
    assert (report.days, report.windows) == (10 + 4, 2)
    assert engine.recall == {Phase.A: pytest.approx(10 / 10), Phase.B: pytest.approx(1 / 4)}
    assert engine.accuracy == pytest.approx(11 / 14)
    assert engine.macro_recall == pytest.approx(0.625)
    assert engine.windows_right == 1
    assert engine.undetermined == 0
    assert engine.switches_per_year == pytest.approx(3 / 100 * 365.25)


def test_days_without_a_call_are_counted_and_wrong(tmp_path: Path) -> None:
    windows = read_labels(labels(tmp_path, "start,end,phase\n2021-01-01,2021-01-24,A\n"))
    report = score(phases("." * 19 + "A" * 81), windows, sectors())
    assert report.engine.undetermined == pytest.approx(0.5)
    assert report.engine.accuracy == pytest.approx(0.5)
    assert report.engine.windows_right == 0


def test_the_simple_methods_stand_beside_the_engine(tmp_path: Path) -> None:
    windows = read_labels(labels(tmp_path, "start,end,phase\n2021-02-15,2021-03-20,A\n"))
    report = score(phases("B" * 100), windows, sectors())
    by_name = {item.method: item for item in report.methods}
    assert list(by_name) == ["engine", "always A", "always B", "always C", "best trailing 30 days"]
    assert by_name["always A"].accuracy == 1
    assert by_name["engine"].accuracy == by_name["always B"].accuracy == 0
    assert by_name["best trailing 30 days"].accuracy == 1
    assert msgspec.json.decode(msgspec.json.encode(report), type=ScoreReport) == report
    text = table(report)
    assert all(name in text for name in by_name)
    assert "no economic edge is shown" in text
    assert len({len(line) for line in text.splitlines()[:-1]}) == 1


def test_the_best_trailing_sector_is_cash_when_both_fell() -> None:
    both = sectors()
    both["L1"] = both["L1"].to_numpy()[::-1]
    both["DEFI"] = np.linspace(2, 1.5, 100)
    assert set(trailing_best(both).iloc[30:]) == {"C"}
    assert set(trailing_best(both).iloc[:30]) == {"UNDETERMINED"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("start,end\n", "no column 'phase'"),
        ("start,end,phase\n", "no window"),
        ("start,end,phase\n2021-13-01,2021-02-01,A\n", "line 2: start is '2021-13-01'; write a date"),
        ("start,end,phase\n2021-01-01,,A\n", "line 2: end is ''"),
        ("start,end,phase\n2021-01-01\n", "line 2: end is None"),
        ("start,end,phase\n2021-01-01,2021-02-01,D\n", "line 2: phase is 'D'; write A, B or C"),
        ("start,end,phase\n2021-02-01,2021-01-01,A\n", "line 2: end 2021-01-01 is before start 2021-02-01"),
    ],
)
def test_bad_labels_are_refused_with_file_line_and_what_to_do(tmp_path: Path, text: str, told: str) -> None:
    path = labels(tmp_path, text)
    with pytest.raises(BadInput) as refusal:
        read_labels(path)
    assert told in str(refusal.value)
    assert str(refusal.value).startswith(str(path))


def test_labels_that_are_missing_or_no_text_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_labels(tmp_path / "none.csv")
    path = tmp_path / "binary.csv"
    path.write_bytes(b"\xff\xfe\x00start")
    with pytest.raises(BadInput, match="not a CSV in UTF-8"):
        read_labels(path)


def test_labels_of_another_time_are_refused(tmp_path: Path) -> None:
    windows = read_labels(labels(tmp_path, "start,end,phase\n2019-01-01,2019-03-01,A\n2021-01-01,2021-01-10,A\n"))
    with pytest.raises(BadInput, match="use labels of this market's time"):
        score(phases("A" * 100), windows, sectors())


@pytest.mark.shared
def test_the_score_on_real_history_is_the_measured_one(real: Signals, shared_data: Path) -> None:
    report = score(real.phases(), read_labels(shared_data / "phases.csv"), real.sector_levels())
    accuracy = {item.method: item.accuracy for item in report.methods}
    assert (report.windows, report.days) == (11, 464)
    assert accuracy["engine"] == pytest.approx(0.87, abs=0.005)
    assert accuracy["always C"] == pytest.approx(0.52, abs=0.005)
    assert accuracy["best trailing 30 days"] == pytest.approx(0.75, abs=0.005)
