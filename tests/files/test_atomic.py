"""A file is written whole or not at all, never over another one unless asked, and private where it should be."""

import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from cockpit.files.atomic import FileThere, write_atomic, write_numbered
from cockpit.model.errors import BadInput
from tests.unprivileged import open_folder, ordinary_user


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_a_file_is_replaced_whole_and_nothing_else_is_left(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    write_atomic(path, "old")
    write_atomic(path, "new ✓")
    assert path.read_text(encoding="utf-8") == "new ✓"
    assert names(tmp_path) == {"a.toml"}


def test_an_existing_file_stays_where_it_must(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("precious")
    with pytest.raises(FileThere, match=r"a\.toml: exists already; choose another name"):
        write_atomic(path, "new", replace=False)
    assert path.read_text() == "precious"
    assert names(tmp_path) == {"a.toml"}


def test_numbers_lead_past_existing_files(tmp_path: Path) -> None:
    written = [write_numbered(tmp_path / "plan.toml", str(n)).name for n in range(3)]
    assert written == ["plan.toml", "plan-2.toml", "plan-3.toml"]
    assert (tmp_path / "plan.toml").read_text() == "0"


def test_numbers_end_with_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "plan.toml").write_text("x")
    with pytest.raises(BadInput, match="exist already; choose another folder"):
        write_numbered(tmp_path / "plan.toml", "y", most=1)


def test_a_private_file_is_readable_by_its_owner_only(tmp_path: Path) -> None:
    write_atomic(tmp_path / "a", "x", private=True)
    assert stat.S_IMODE((tmp_path / "a").stat().st_mode) == 0o600


def test_replacing_keeps_the_mode_of_a_public_file(tmp_path: Path) -> None:
    path = tmp_path / "a"
    path.write_text("x")
    path.chmod(0o640)
    write_atomic(path, "y")
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "real").write_text("x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    write_atomic(tmp_path / "link", "y")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "real").read_text() == "y"


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("none/a.toml", "the folder does not exist"),
        ("file/a.toml", "a part of the path is no folder"),
        ("folder", "is a folder"),
        ("n" * 300, "the name is too long"),
        ("null\0byte", "characters that no file may have"),
    ],
)
def test_what_cannot_be_written_is_refused_in_one_sentence(tmp_path: Path, name: str, sentence: str) -> None:
    (tmp_path / "file").write_text("x")
    (tmp_path / "folder").mkdir()
    before = names(tmp_path)
    with pytest.raises(BadInput, match=sentence):
        write_atomic(tmp_path / name, "x")
    assert names(tmp_path) == before


def test_a_read_only_folder_is_refused_and_left_as_it_is() -> None:
    with open_folder() as folder:
        (folder / "a").write_text("old")
        folder.chmod(0o555)
        with ordinary_user(), pytest.raises(BadInput, match="may not be written to; choose another one"):
            write_atomic(folder / "a", "new")
        assert (folder / "a").read_text() == "old"
        assert names(folder) == {"a"}


def test_a_file_system_that_refuses_every_write_is_refused() -> None:
    with pytest.raises(BadInput, match=r"cannot be written: .*(folder|file system)"):
        write_atomic(Path("/proc/cockpit.toml"), "x")


FULL_DISK = """
import resource, sys
from pathlib import Path
from cockpit.files.atomic import write_atomic
from cockpit.model.errors import BadInput
resource.setrlimit(resource.RLIMIT_FSIZE, (1024, 1024))
try:
    write_atomic(Path(sys.argv[1]), "x" * 100_000)
except BadInput as error:
    print(error)
    sys.exit(int(error.exit_code))
"""


def test_a_full_disk_leaves_the_old_file_and_no_rest(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    path.write_text("old")
    run = subprocess.run([sys.executable, "-c", FULL_DISK, str(path)], capture_output=True, text=True, check=False)
    assert run.returncode == 2
    assert "full; free some space" in run.stdout
    assert path.read_text() == "old"
    assert names(tmp_path) == {"a.toml"}


WRITES_FOR_EVER = """
import sys
from itertools import count
from pathlib import Path
from cockpit.files.atomic import write_atomic
for n in count():
    write_atomic(Path(sys.argv[1]), f"{n % 10}" * 200_000)
    if n == 0:
        print("ready", flush=True)
"""


@pytest.mark.kills
def test_a_killed_writer_leaves_a_whole_file(tmp_path: Path) -> None:
    path = tmp_path / "a.toml"
    for turn in range(8):
        writer = subprocess.Popen([sys.executable, "-c", WRITES_FOR_EVER, str(path)], stdout=subprocess.PIPE)
        assert writer.stdout is not None
        writer.stdout.readline()
        time.sleep(0.02 + turn * 0.007)
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
        text = path.read_text()
        assert len(text) == 200_000
        assert len(set(text)) == 1
