"""Every file is read strictly, and what is wrong with it is one sentence that names the file, the key and what to do."""

import os
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec import Struct

from cockpit.files import toml
from cockpit.model.errors import BadInput, ExitCode
from cockpit.model.money import plain
from tests.unprivileged import open_folder, ordinary_user


class Inner(Struct, frozen=True, forbid_unknown_fields=True):
    weight: Decimal


class Example(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    amount: Decimal
    title: str = ""
    share: float = 0.0
    count: int = 0
    at: datetime | None = None
    maybe: Decimal | None = None
    names: tuple[str, ...] = ()
    amounts: dict[str, Decimal] = {}
    inner: Inner | None = None
    rows: tuple[Inner, ...] = ()


def refusal(text: str) -> str:
    with pytest.raises(BadInput) as caught:
        toml.parse(text, Example, source="example.toml")
    sentence = str(caught.value)
    assert caught.value.exit_code is ExitCode.BAD_INPUT
    assert "\n" not in sentence
    assert sentence.startswith("example.toml: ")
    return sentence


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("amount = ", ["not TOML", "invalid value"]),
        ('amount = "1"\ntitle = "open\n', ["not TOML at line 2, column 14", "correct that line"]),
        ('amount = "1"\namount = "2"\n', ["not TOML", "overwrite"]),
        ("a = " + "[" * 100_000, ["nested too deeply"]),
        ('title = "x"', ["amount: is missing; add it"]),
        ('amount = "1"\namuont = "2"', ["amuont: is not a known key", "did you mean amount?"]),
        ('amount = "1"\nSHARE = 0.5', ["SHARE: is not a known key", "did you mean share?"]),
        ('amount = "1"\nzzz = 1', ["zzz: is not a known key; known are amount, title"]),
        ('amount = "1"\n[inner]\nwieght = "1"', ["inner.wieght: is not a known key", "did you mean weight?"]),
        ('amount = "1"\n[[rows]]\nweight = "1"\n[[rows]]\nheight = "1"', ["rows[1].height", "did you mean weight?"]),
        ('amount = "1"\n[inner]', ["inner.weight: is missing"]),
        ('amount = "1"\ninner = "x"', ["inner: must be a table, not text in quotes"]),
        ('amount = "1"\nrows = [1]', ["rows[0]: must be a table, not a whole number"]),
        ("amount = 2.5", ["amount: is a bare number", 'write it in quotes: "2.5"']),
        ("amount = 1e-7", ['write it in quotes: "0.0000001"']),
        ("amount = 2", ['amount: is a bare number; write it in quotes: "2"']),
        ("amount = nan", ["amount: is not a finite number"]),
        ("amount = -inf", ["amount: is not a finite number"]),
        ("amount = true", ["amount: must be a number in quotes, not true or false"]),
        ('amount = ["1"]', ["amount: must be a number in quotes, not a list"]),
        ("amount = 2021-08-20", ["amount: must be a number in quotes, not a date or time"]),
        ('amount = "NaN"', ['amount: is not a finite number: "NaN"']),
        ('amount = "-Infinity"', ["amount: is not a finite number"]),
        ('amount = "sNaN123"', ["amount: is not a finite number"]),
        ('amount = ""', ["amount: is not a plain number"]),
        ('amount = "ten"', ['amount: is not a plain number: "ten"', 'write it as "1234.5"']),
        ('amount = "1,000"', ["amount: is not a plain number"]),
        ('amount = "1_000"', ["amount: is not a plain number"]),
        ('amount = " 1"', ["amount: is not a plain number"]),
        ('amount = "1e999999999"', ["amount: is not a plain number"]),
        ('amount = "١٢"', ["amount: is not a plain number"]),
        (f'amount = "{"9" * 31}"', ["amount: is not a plain number"]),
        ('amount = "1"\nmaybe = 1.5', ["maybe: is a bare number"]),
        ('amount = "1"\n[amounts]\nETH = 1.5', ["amounts.ETH: is a bare number"]),
        ('amount = "1"\nshare = nan', ["share: is not a finite number"]),
        ('amount = "1"\nshare = "0.5"', ["share: must be a number, not text in quotes"]),
        ('amount = "1"\nshare = true', ["share: must be a number, not true or false"]),
        ('amount = "1"\ncount = 1.5', ["count: must be a whole number, not a number"]),
        ('amount = "1"\ntitle = 7', ["title: must be text in quotes, not a whole number"]),
        ('amount = "1"\nnames = "ETH"', ["names: must be a list, not text in quotes"]),
        ('amount = "1"\nnames = ["ETH", 1]', ["names[1]: must be text in quotes"]),
        ('amount = "1"\nat = 2021-08-20T00:00:00', ["at: is a time without its offset; add Z"]),
        ('amount = "1"\nat = "soon"', ["at:"]),
        ('amount = "1"\ntitle = "\\u001b[31mred"', ["title: holds control or invisible characters", '"red"']),
        ('amount = "1"\ntitle = "a\\u202eb"', ["title: holds control or invisible characters"]),
        ('amount = "1"\nnames = ["E\\u200bTH"]', ["names[0]: holds control or invisible characters"]),
        ('amount = "1"\n[amounts]\n"E\\u200bTH" = "1"', ["amounts: holds control or invisible characters"]),
    ],
)
def test_what_does_not_fit_is_refused_with_the_key_and_the_remedy(text: str, parts: list[str]) -> None:
    sentence = refusal(text)
    for part in parts:
        assert part in sentence


def test_a_file_is_read_whatever_its_line_ends_and_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "example.toml"
    path.write_bytes('\ufeffamount = "1.50"\r\ntitle = "x"\r\n'.encode())
    assert toml.read(path, Example) == Example(amount=Decimal("1.50"), title="x")


def test_free_text_is_made_safe_instead_of_refused() -> None:
    read = toml.parse('amount = "1"\ntitle = "\\u001b[31mMy [/] \\u202ebook"', Example, source="x", free_text=("title",))
    assert read.title == "My [/] book"


def unreadable(path: Path) -> str:
    with pytest.raises(BadInput) as caught:
        toml.read(path, Example)
    assert str(path) in str(caught.value)
    return str(caught.value)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    assert "does not exist" in unreadable(tmp_path / "none.toml")


def test_a_path_below_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    assert "no folder" in unreadable(tmp_path / "file" / "x.toml")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    assert "is a folder" in unreadable(tmp_path)


def test_a_pipe_is_refused_instead_of_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert "not a regular file" in unreadable(tmp_path / "pipe")


def test_a_loop_of_links_is_refused(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert "cannot be read" in unreadable(tmp_path / "loop")


def test_what_is_not_utf8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "latin.toml").write_bytes(b'amount = "1" # \xe4')
    assert "is not UTF-8 text (byte 16)" in unreadable(tmp_path / "latin.toml")


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    with (tmp_path / "huge.toml").open("wb") as stream:
        stream.truncate(toml.MAX_BYTES + 1)
    assert "larger than 16 MB" in unreadable(tmp_path / "huge.toml")


def test_an_unreadable_file_is_refused() -> None:
    with open_folder() as folder:
        path = folder / "secret.toml"
        path.write_text('amount = "1"')
        path.chmod(0)
        with ordinary_user():
            assert "may not be read; check its permissions" in unreadable(path)


def test_a_path_with_a_null_byte_is_refused() -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        toml.read(Path("a\0b"), Example)


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused_in_one_line(text: str) -> None:
    refused = ""
    try:
        toml.parse(text, Example, source="example.toml")
    except BadInput as error:
        refused = str(error)
    assert "\n" not in refused


amounts = st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=12)
examples = st.builds(
    Example,
    amount=amounts,
    title=st.text(st.characters(min_codepoint=32, max_codepoint=126)),
    share=st.floats(allow_nan=False, allow_infinity=False),
    count=st.integers(-(2**60), 2**60),
    at=st.none() | st.integers(0, 4 * 10**9).map(lambda second: datetime.fromtimestamp(second, UTC)),
    maybe=st.none() | amounts,
    names=st.lists(st.text(st.characters(min_codepoint=32, max_codepoint=126))).map(tuple),
    amounts=st.dictionaries(st.text(st.characters(categories=["Lu", "Nd"], max_codepoint=127)), amounts),
    inner=st.none() | st.builds(Inner, weight=amounts),
    rows=st.lists(st.builds(Inner, weight=amounts)).map(tuple),
)


@given(examples)
def test_what_is_written_reads_back_and_writes_the_same_bytes(example: Example) -> None:
    text = toml.render(example)
    again = toml.parse(text, Example, source="example.toml")
    assert again == example
    assert toml.render(again) == text


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20))
def test_decimals_are_written_exactly_and_without_exponent(amount: Decimal) -> None:
    rounded = amount.quantize(Decimal("1e-18")) if abs(amount) < 10**9 else amount
    text = plain(rounded)
    assert "E" not in text.upper()
    assert Decimal(text) == rounded


def test_times_are_written_in_utc_with_z() -> None:
    at = datetime(2021, 8, 20, 2, tzinfo=timezone(timedelta(hours=2)))
    assert toml.render({"at": at}) == "at = 2021-08-20T00:00:00Z\n"
