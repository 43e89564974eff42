"""A report says what the screens say, in Markdown that nothing in a plan can turn into something else."""

from collections.abc import Mapping
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token
from msgspec.structs import replace

from cockpit.files.kept import keep_text, safe_name, slug
from cockpit.files.markdown import escape, table
from cockpit.files.report_file import report, write_report
from cockpit.model.errors import BadInput
from cockpit.model.market import MarketLabel
from cockpit.model.plan import Plan
from cockpit.model.text import sanitise
from tests.files.plans import plans
from tests.rotation.worlds import hundred_thousand, make

HOSTILE = "| <img src=a> [click](https://evil.example) `code` ~~gone~~ **loud** _sly_ &lt; <!-- \\| \\\\ ![x](y) | end"
READER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
PLAIN = {"text", "text_special", "softbreak", "strong_open", "strong_close"}


def written(plan: Plan, ticks: Mapping[str, Decimal] | None = None) -> str:
    return report(plan, mode="PAPER", market=MarketLabel.SIMULATED, ticks=ticks or {})


def inlines(text: str) -> list[Token]:
    return [token for token in READER.parse(text) if token.type == "inline"]


def shown(token: Token) -> str:
    """What a reader sees of a cell or a sentence."""
    return "".join(child.content for child in token.children or ())


def rows_below(text: str, heading: str) -> list[list[str]]:
    """The tables of a section as a reader sees them, heads included."""
    rows: list[list[str]] = []
    tokens = READER.parse(text.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0])
    for token in tokens:
        if token.type == "tr_open":
            rows.append([])
        elif token.type == "inline" and rows:
            rows[-1].append(shown(token))
    return rows


@pytest.fixture(scope="module")
def reconciled() -> Plan:
    return make(hundred_thousand(), preset="reconciled")


def test_before_and_after_are_the_worked_example(reconciled: Plan) -> None:
    rows = rows_below(written(reconciled), "Before and after")
    assert ["L1", "40.0 %", "30.0 %", "30.0 %", "40,000.00", "−10,000.00", "30,000.00"] in rows
    assert ["DEFI", "25.0 %", "50.0 %", "50.0 %", "25,000.00", "+25,000.00", "50,000.00"] in rows
    assert ["NAV", "100,000.00", "99,982.50"] in rows
    assert ["Free reserve", "35.0 %", "17.5 %"] in rows


def test_the_path_has_the_book_after_every_step(reconciled: Plan) -> None:
    rows = rows_below(written(reconciled), "The path")
    assert [row[0] for row in rows] == ["#", "0", "1", "2", "3", "4", "5", "6"]
    short = rows[3]
    assert short[1] == "▼ SELL SHORT 2.5 ETH perpetual at 4,000.00"
    assert short[4:10] == ["4,480.00", "5.00", "29,995.00", "5,000.00", "5,000.00", "+49.4 %"]


def test_a_price_has_the_places_of_its_tick_and_every_digit_that_is_sent(reconciled: Plan) -> None:
    rows = rows_below(written(reconciled, {"ETH/USDT:USDT": Decimal("0.0001"), "UNI/USDT:USDT": Decimal(1)}), "The path")
    assert rows[3][1] == "▼ SELL SHORT 2.5 ETH perpetual at 4,000.0000"
    assert rows[3][4] == "4,480.0000"
    assert rows[7][4] == "8.50"


def test_a_broken_rule_never_looks_like_one_that_stands_at_its_limit(reconciled: Plan) -> None:
    close = replace(reconciled.checks[0], rule="free_reserve_min", worst=Decimal("0.04999"), limit=Decimal("0.05"))
    assert ["4.999 %", "≥ 5.000 %"] in [row[2:4] for row in rows_below(written(replace(reconciled, checks=(close,))), "Rules")]


def test_every_rule_and_every_cost_is_in_it_and_warnings_stand_first(reconciled: Plan) -> None:
    rules, costs = (rows_below(written(reconciled), name) for name in ("Rules", "Costs"))
    assert len(rules) == 1 + len(reconciled.checks)
    assert rules[1][:2] == ["! warning", "hedge ratio, guide"]
    assert [row[0] for row in costs[1:]] == ["fees", "slippage", "funding a day", "break-even"]
    assert costs[1][1] == "−17.50"
    assert costs[4][1] == "7.8 days"


def test_a_plan_that_breaks_a_hard_rule_says_so_at_the_top(reconciled: Plan) -> None:
    first = replace(reconciled.checks[0], rule="free_reserve_min", passed=False, message="30 USDT short")
    head = written(replace(reconciled, checks=(first, *reconciled.checks[1:]))).split("## ")[0]
    assert "cannot be begun: free reserve" in head
    assert "30 USDT short" in head


def test_a_plan_without_steps_says_that_nothing_is_to_do(reconciled: Plan) -> None:
    assert "Nothing to do" in written(replace(reconciled, steps=(), end=reconciled.start))


@given(st.text(max_size=60) | st.text("|\\`*_[]()<>~&#!$@:/w. -1ab", max_size=40) | st.just(HOSTILE))
def test_a_reader_sees_foreign_text_word_for_word(text: str) -> None:
    cells = inlines("\n".join(table(("a", "b"), [("x", text), ("last", "row")])))
    assert [shown(cell) for cell in cells] == ["a", "b", "x", sanitise(text, 600), "last", "row"]
    assert {child.type for cell in cells for child in cell.children or ()} <= PLAIN


@pytest.mark.parametrize(
    "text", ["https://evil.example", "www.evil.example", "WWW.evil.example", "ask@evil.example", "@everyone"]
)
def test_no_address_and_no_name_becomes_a_link_or_a_mention(text: str) -> None:
    """GitHub links what begins with a scheme or www., addresses with @, and names after @; a backslash in between ends that."""
    assert escape(text) != text


@given(plans())
def test_any_plan_gives_a_report_of_nothing_but_text_and_tables(plan: Plan) -> None:
    text = written(plan)
    kinds = {token.type.removesuffix("_open").removesuffix("_close") for token in READER.parse(text)}
    assert kinds <= {"heading", "paragraph", "table", "thead", "tbody", "tr", "th", "td", "inline", "bullet_list", "list_item"}
    assert {child.type for token in inlines(text) for child in token.children or ()} <= PLAIN
    assert len(rows_below(text, "The path")) == (len(plan.steps) + 2 if plan.steps else 0)


def test_a_report_is_named_after_its_strategy_and_never_replaces_a_file(reconciled: Plan, tmp_path: Path) -> None:
    odd = replace(reconciled, plan=replace(reconciled.plan, strategy="../My ‹own›/strategy"))
    paths = [write_report(odd, tmp_path, mode="PAPER", market=MarketLabel.LIVE, ticks={}) for _ in range(2)]
    assert [path.name for path in paths] == [
        "report-My-own-strategy-20210820-000000.md",
        "report-My-own-strategy-20210820-000000-2.md",
    ]
    assert sorted(tmp_path.iterdir()) == sorted(paths)


@pytest.mark.parametrize(
    "name", ["", ".hidden", "-rf", "../up.svg", "a/b.svg", "a\\b.svg", "a\x00b", "nul l.txt", "end.", "ü.svg", "x" * 101]
)
def test_a_name_that_could_leave_the_folder_or_hide_is_refused(name: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be the name of a file"):
        keep_text(name, "text", tmp_path)
    assert list(tmp_path.iterdir()) == []


@given(st.text(max_size=80))
def test_a_slug_is_always_a_safe_part_of_a_name(text: str) -> None:
    assert safe_name(f"report-{slug(text)}.md")
