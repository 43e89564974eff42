"""A plan survives its file byte for byte, and a file that is no plan is refused with the key."""

import tomllib
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from msgspec.structs import replace

from cockpit.files.atomic import FileThere
from cockpit.files.plan_file import dump_plan, export_plan, load_plan, parse_plan, plan_document, write_plan
from cockpit.model.errors import BadInput
from cockpit.model.plan import Plan
from tests.files.plans import SHORT, TRANSFER, plan, plans

EXAMPLE = plan(TRANSFER, SHORT)


@given(plans())
def test_export_load_export_gives_the_same_bytes(made: Plan) -> None:
    text = dump_plan(made)
    loaded = parse_plan(text, source="plan.toml")
    assert loaded == made
    assert dump_plan(loaded) == text


def test_the_file_has_the_keys_and_spellings_of_the_contract() -> None:
    text = dump_plan(EXAMPLE)
    for line in (
        "schema = 1",
        "created_at = 2021-08-20T00:00:00Z",
        'preset = "reconciled"',
        "[plan.book]",
        "[plan.market]",
        "[plan.fees]",
        "[plan.limits]",
        "[plan.target]",
        "[start.sectors.L1]",
        "[[step]]",
        'action = "open_short"',
        'symbol = "ETH/USDT:USDT"',
        'liquidation_price = "5976.0956"',
        'from = "spot"',
        'to = "futures"',
        "[step.after]",
        "[end]",
    ):
        assert f"{line}\n" in text
    assert "None" not in text
    assert 'source = "spot"' not in text


def test_json_has_the_keys_of_the_file() -> None:
    assert plan_document(EXAMPLE) == tomllib.loads(dump_plan(EXAMPLE))


def test_what_is_absent_is_left_out_of_a_transfer() -> None:
    block = dump_plan(plan(TRANSFER)).partition("[[step]]")[2].partition("[step.after]")[0]
    assert {line.partition(" = ")[0] for line in block.split("\n") if line} == {
        "number", "id", "action", "account", "venue", "from", "to", "quantity", "reason",
    }  # fmt: skip


def test_a_plan_edited_by_hand_still_loads(tmp_path: Path) -> None:
    path = tmp_path / "plan.toml"
    path.write_text(dump_plan(EXAMPLE).replace('quantity = "2.5"', 'quantity = "2.25"'))
    assert load_plan(path).steps[1].quantity == Decimal("2.25")


TEXT = dump_plan(EXAMPLE)


@pytest.mark.parametrize(
    ("old", "new", "parts"),
    [
        ("schema = 1\n", "schema = 9\n", ["schema: is 9"]),
        ("[plan.target]\n", "[plan.goal]\n", ["plan.goal: is not a known key"]),
        ('cash = "35000"\n', "", ["start.cash: is missing"]),
        ('quantity = "2.5"\n', "quantity = 2.5\n", ["step[1].quantity: is a bare number"]),
        ('quantity = "2.5"\n', 'quantity = "-2.5"\n', ["step[1].quantity: is -2.5; it must be above zero"]),
        ('quantity = "2.5"\n', 'quantity = "NaN"\n', ["step[1].quantity: is not a finite number"]),
        ('quantity = "2.5"\n', 'quantity = "0"\n', ["step[1].quantity: is 0"]),
        ('stop_price = "4480"\n', "", ["step[1].stop_price: is missing; a step that does open_short needs it"]),
        ('price = "4000"\n', "", ["step[1].price: is missing"]),
        ('leverage = "2"\n', "", ["step[1].leverage: is missing"]),
        ('leverage = "2"\n', 'leverage = "0"\n', ["step[1].leverage: is 0"]),
        ('leverage = "2"\n', 'levrage = "2"\n', ["step[1].levrage: is not a known key", "did you mean leverage?"]),
        ('action = "open_short"\n', 'action = "yolo"\n', ["step[1].action", '"yolo" is not known; known are transfer, buy']),
        ('action = "open_short"\n', 'action = "buy"\n', ["step[1].symbol", "does not fit the action buy"]),
        ("number = 2\n", "number = 3\n", ["step[1].number: is 3", "this is step 2"]),
        ('symbol = "ETH/USDT:USDT"\n', 'symbol = "BTC/USD:BTC"\n', ["step[1].symbol", "neither a spot pair nor a USDT-linear"]),
        ('symbol = "ETH/USDT:USDT"\n', 'symbol = "UNI/USDT:USDT"\n', ['step[1].asset: is "ETH", but the symbol is "UNI/']),
        ('asset = "ETH"\n', 'asset = "[/]"\n', ["step[1].asset", "is no ticker"]),
        ('from = "spot"\n', "", ["step[0].from: is missing"]),
        ('from = "spot"\n', 'from = "futures"\n', ["step[0].to: is the same wallet as from"]),
        ('from = "spot"\n', 'from = "spot"\nsymbol = "ETH/USDT"\n', ["step[0].symbol: does not belong to a transfer"]),
        ('reason = "hedge 25 % of L1 spot"', 'reason = "\\u001b[2J"', ["step[1].reason", "invisible characters"]),
        ("created_at = 2021-08-20T00:00:00Z", "created_at = 2021-08-20T00:00:00", ["plan.created_at", "add Z"]),
        ("[[step]]", "[[step]", ["not TOML at line"]),
    ],
)  # fmt: skip
def test_what_is_no_plan_is_refused_with_the_key(old: str, new: str, parts: list[str]) -> None:
    assert old in TEXT
    with pytest.raises(BadInput) as caught:
        parse_plan(TEXT.replace(old, new, 1) if old != "number = 2\n" else TEXT.replace(old, new), source="plan.toml")
    assert str(caught.value).startswith("plan.toml: ")
    for part in parts:
        assert part in str(caught.value)


def test_a_portfolio_is_no_plan() -> None:
    with pytest.raises(BadInput, match="name: is not a known key"):
        parse_plan('schema = 1\nname = "x"', source="plan.toml")


def test_export_never_overwrites_and_says_where(tmp_path: Path) -> None:
    first, second = export_plan(EXAMPLE, tmp_path), export_plan(EXAMPLE, tmp_path)
    assert first.name == "plan-B-20210820-000000.toml"
    assert second.name == "plan-B-20210820-000000-2.toml"
    assert load_plan(first) == load_plan(second) == EXAMPLE


def test_export_makes_a_harmless_name_of_a_hostile_strategy(tmp_path: Path) -> None:
    hostile = replace(
        EXAMPLE, plan=replace(EXAMPLE.plan, strategy="../../etc/[/]", created_at=datetime(2022, 1, 2, 3, 4, 5, tzinfo=UTC))
    )
    path = export_plan(hostile, tmp_path)
    assert path.parent == tmp_path
    assert path.name == "plan-------etc-----20220102-030405.toml"


def test_a_named_file_is_never_overwritten(tmp_path: Path) -> None:
    write_plan(EXAMPLE, tmp_path / "mine.toml")
    with pytest.raises(FileThere):
        write_plan(plan(), tmp_path / "mine.toml")
    assert load_plan(tmp_path / "mine.toml") == EXAMPLE
