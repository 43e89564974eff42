"""A file has one subject: none is longer than 400 lines, the app's wiring than 350."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def test_no_file_is_longer_than_its_subject() -> None:
    lines = {
        str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines())
        for folder in ("cockpit", "tests")
        for ending in ("*.py", "*.tcss", "*.toml")
        for path in (ROOT / folder).rglob(ending)
    }
    assert {name: count for name, count in lines.items() if count > 400} == {}
    assert lines["cockpit/ui/app.py"] <= 350
