"""A key is read from a private file alone, and what is wrong with the file is told without a character of it."""

import os
import pickle
import traceback
from pathlib import Path

import msgspec
import pytest

from cockpit.files.keys import read_key_file, service_key
from cockpit.model.credentials import Credentials
from cockpit.model.errors import BadInput
from tests.unprivileged import open_folder, ordinary_user

SECRET = "canary-Xy81"
GOOD = f'key = "abc"\nsecret = "{SECRET}"\npassword = "{SECRET}"\n'


def kept(folder: Path, text: str | bytes = GOOD, mode: int = 0o600, name: str = "key.toml") -> Path:
    path = folder / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    path.chmod(mode)
    return path


def parts(found: Credentials) -> tuple[str, str, str]:
    return found.key, found.secret, found.password


def test_a_private_file_gives_the_key(tmp_path: Path) -> None:
    assert parts(read_key_file(kept(tmp_path))) == ("abc", SECRET, SECRET)
    assert parts(read_key_file(kept(tmp_path, f'key = "abc"\nsecret = "{SECRET}"\n', 0o400))) == ("abc", SECRET, "")


def test_a_private_key_in_pem_is_a_secret_too(tmp_path: Path) -> None:
    pem = "-----BEGIN PRIVATE KEY-----\nMC4CAQAwBQYDK2Vw\n-----END PRIVATE KEY-----\n"
    assert read_key_file(kept(tmp_path, f'key = "abc"\nsecret = """{pem}"""\n')).secret == pem


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644, 0o660])
def test_a_file_that_others_may_open_is_refused(tmp_path: Path, mode: int) -> None:
    with pytest.raises(BadInput, match=f"mode {mode:04o}.*chmod 600"):
        read_key_file(kept(tmp_path, mode=mode))


@pytest.mark.skipif(os.geteuid() != 0, reason="only the superuser can give a file away")
def test_a_file_of_another_user_is_refused() -> None:
    with open_folder() as folder:
        path = kept(folder)
        os.chown(path, 12345, 12345)
        with pytest.raises(BadInput, match="belongs to another user"):
            read_key_file(path)
        with ordinary_user(), pytest.raises(BadInput, match="permission denied"):
            read_key_file(path)


def test_what_is_no_regular_file_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(BadInput, match="not a regular file"):
        read_key_file(tmp_path / "pipe")
    with pytest.raises(BadInput):
        read_key_file(tmp_path)
    with pytest.raises(BadInput, match="no such file"):
        read_key_file(tmp_path / "missing")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (f'key = "abc"\nsecret = {SECRET}', "is not TOML"),
        (f'key = "abc"\n{SECRET} = "x"\nsecret = "y"', "nothing else"),
        (f'secret = "{SECRET}"', "key: is missing"),
        (f'key = "{SECRET}"', "secret: is missing"),
        (f'key = "abc"\nsecret = "{SECRET} "', "no key has"),
        (f'key = "abc"\nsecret = "{SECRET}\u200b"', "no key has"),
        (f'key = "abc"\nsecret = ["{SECRET}"]', "text in quotes"),
        (SECRET.encode() + b"\xff", "UTF-8"),
        (SECRET * 10_000, "too large"),
    ],
)
def test_what_is_wrong_is_told_without_what_stands_there(tmp_path: Path, text: str | bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        read_key_file(kept(tmp_path, text))
    told = "".join(traceback.format_exception(caught.value, chain=True)) + repr(caught.value.__context__)
    assert SECRET not in told


def test_the_service_manager_keeps_a_key_for_each_venue(tmp_path: Path) -> None:
    kept(tmp_path, mode=0o440, name="cockpit-okx")
    environ = {"CREDENTIALS_DIRECTORY": str(tmp_path)}
    found = service_key("okx", environ)
    assert found is not None
    assert found.secret == SECRET
    assert service_key("binance", environ) is None
    assert service_key("okx", {}) is None
    kept(tmp_path, mode=0o444, name="cockpit-okx")
    with pytest.raises(BadInput, match="read by others"):
        service_key("okx", environ)


def test_credentials_show_and_encode_nothing() -> None:
    found = Credentials("abc", SECRET, SECRET)
    assert SECRET not in f"{found} {found!r} {[found]} {(found,)}"
    with pytest.raises(TypeError):
        pickle.dumps(found)
    with pytest.raises(TypeError):
        msgspec.json.encode(found)
    assert found.hides_from(f"a {SECRET} b abc") == "a [hidden] b [hidden]"
