"""The log of crashes: private, of bounded size, each entry whole, and no value of a variable in it."""

import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from cockpit.model.errors import BadInput
from cockpit.model.text import is_safe
from cockpit.ui.crash import crash_sentence, unexpected
from cockpit.ui.crash_log import LIMIT, LONGEST, write_crash, write_entry
from tests.unprivileged import open_folder, ordinary_user

SECRET = "hunter2-canary"


def caught(error: BaseException) -> BaseException:
    """The error as it comes back from where it was raised."""
    try:
        raise error
    except BaseException as back:  # noqa: BLE001 - whatever it is, it is what the log is given
        return back


def interpreted(code: str) -> BaseException:
    """What the interpreter itself raises for this."""
    try:
        exec(code, {"secret": SECRET})
    except Exception as back:  # noqa: BLE001 - the same
        return back
    raise AssertionError(code)


def entry_of(error: BaseException, folder: Path) -> str:
    log = folder / "log"
    assert write_crash(error, log) == log
    return log.read_text("utf-8")


def entries(log: Path) -> list[str]:
    return [entry for path in (log.with_name(f"{log.name}.1"), log) if path.exists() for entry in path.read_text().split("\n\n")]


@pytest.mark.parametrize(
    "error",
    [
        caught(RuntimeError(SECRET)),
        caught(KeyError(SECRET)),
        caught(TypeError(f"cannot sign with {SECRET}")),
        caught(MemoryError(SECRET)),
        caught(OSError(SECRET)),
        caught(OSError(13, SECRET, SECRET)),
        interpreted("int(secret)"),
        interpreted("{}[secret]"),
        interpreted("getattr(object(), 'x').y(secret)"),
        caught(ExceptionGroup(SECRET, [ValueError(SECRET), KeyError(SECRET)])),
    ],
    ids=lambda error: type(error).__name__,
)
def test_what_an_error_says_is_kept_only_where_it_holds_no_value(error: BaseException, tmp_path: Path) -> None:
    error.add_note(SECRET)
    text = entry_of(error, tmp_path)
    assert SECRET not in text
    assert type(error).__name__ in text


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (interpreted("None.total"), "'NoneType' object has no attribute 'total'"),
        (interpreted("1 + secret"), "unsupported operand type(s) for +: 'int' and 'str'"),
        (interpreted("1 / 0"), "division by zero"),
        (caught(BadInput("plan.toml: step 2 has no price")), "plan.toml: step 2 has no price"),
        (caught(PermissionError(13, "x")), "PermissionError: Permission denied"),
    ],
)
def test_what_helps_to_find_the_fault_is_kept(error: BaseException, words: str, tmp_path: Path) -> None:
    assert words in entry_of(error, tmp_path)


def test_causes_follow_the_error_and_a_ring_of_causes_ends(tmp_path: Path) -> None:
    first, second = caught(ValueError("a")), caught(RuntimeError("b"))
    first.__cause__, second.__cause__ = second, first
    text = entry_of(first, tmp_path)
    assert text.index("ValueError") < text.index("after") < text.index("RuntimeError")
    assert text.count("ValueError") == 1


def test_no_control_character_reaches_the_log(tmp_path: Path) -> None:
    text = entry_of(caught(BadInput("a\x1b]0;owned\x07\x1b[2J\u202eb\x9b1m\r\nnext\x00 \ud800")), tmp_path)
    assert all(is_safe(line) for line in text.splitlines())
    assert "owned" not in text


def test_a_long_entry_keeps_its_beginning_and_its_end(tmp_path: Path) -> None:
    text = entry_of(caught(BadInput("begin " + "x" * 10 * LONGEST + " end")), tmp_path)
    assert len(text) < LONGEST + 300
    assert "begin" in text
    assert "characters are left out" in text


def test_the_log_is_bounded_and_every_entry_is_whole(tmp_path: Path) -> None:
    log = tmp_path / "log"
    for number in range(600):
        write_entry(f"{number} " + "x" * 2000 + " end", log)
    before = log.with_name("log.1")
    assert log.stat().st_size <= LIMIT
    assert before.stat().st_size <= LIMIT
    assert sorted(path.name for path in tmp_path.iterdir()) == ["log", "log.1"]
    assert all(entry.endswith(" end") for entry in entries(log) if entry)
    assert "599 x" in log.read_text()
    assert [stat.S_IMODE(path.stat().st_mode) for path in (log, before)] == [0o600, 0o600]


def test_many_writers_leave_whole_entries(tmp_path: Path) -> None:
    log = tmp_path / "log"
    threads = [threading.Thread(target=lambda: [write_entry("x" * 900 + " end", log) for _ in range(100)]) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(entry.endswith(" end") for entry in entries(log) if entry)
    assert log.stat().st_size <= LIMIT


def test_a_log_that_others_could_read_becomes_private(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text("old\n")
    log.chmod(0o644)
    write_entry("new", log)
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert log.read_text().startswith("old\n")


def test_where_no_log_can_be_the_sentence_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "folder").mkdir()
    for place in (tmp_path / "file" / "log", tmp_path / "folder", Path("/dev/full"), tmp_path / "a\x00b"):
        assert write_crash(caught(KeyError(SECRET)), place) is None
        assert unexpected("prices", KeyError(SECRET), place) == (
            "prices: unexpected KeyError; details are in no file, it could not be written"
        )
    assert "the log could not be written" in crash_sentence(KeyError(SECRET), None)


def test_a_folder_that_may_not_be_written_to_has_no_log() -> None:
    with open_folder() as folder:
        with ordinary_user():
            assert write_crash(caught(KeyError("x")), folder / "log") is None
        assert list(folder.iterdir()) == []


FULL = """
import resource, sys
from pathlib import Path
from cockpit.ui.crash_log import write_entry
log = Path(sys.argv[1])
write_entry("first", log)
size = log.stat().st_size
resource.setrlimit(resource.RLIMIT_FSIZE, (size + 100, size + 100))
print(write_entry("x" * 500, log), log.stat().st_size == size)
"""


def test_half_an_entry_that_a_full_disk_takes_is_taken_back(tmp_path: Path) -> None:
    done = subprocess.run([sys.executable, "-c", FULL, str(tmp_path / "log")], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["None", "True"]


def test_the_sentence_is_one_line_of_visible_text() -> None:
    told = crash_sentence(KeyError(SECRET), Path("/a\x1b[2J\u202e/b\nc"))
    assert is_safe(told)
    assert SECRET not in told
