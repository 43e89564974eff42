"""Every rule that can refuse says what it protects from and what to do now."""

import ast
from collections.abc import Iterator
from pathlib import Path

import cockpit
from cockpit.model.request import NO_PHASE
from cockpit.model.strategy import Limits
from cockpit.ui.keys import key_of
from cockpit.ui.lines import text_of, width_of
from cockpit.ui.refusals import ADVICE, advice, explained
from tests.ui import worked_example as example

RAISED = {"Refusal", "Refused", "RefusedByRule", "StalePlan"}
"""What is made with a rule's name as its first argument."""
NAMING = {"refusal", "broken_rule", "collar_rule"}
"""Functions that answer with a rule's name."""
HOLDING = {"rule", "blocked_rule", "blocked", "stop"}
"""Variables that hold one."""
NO_RULES = {"leverage_default", "daily_loss_reducing", "daily_loss_halted", "hedge_ratio_guideline"}
"""Limits that refuse nothing by their own name: a default, a guideline, and the two behind trading_state."""


def sources() -> Iterator[ast.Module]:
    root = Path(cockpit.__file__).parent
    for room in ("rotation", "execution"):
        for path in sorted((root / room).glob("*.py")):
            yield ast.parse(path.read_text(encoding="utf-8"))
    for name in ("desk.py", "apply.py"):
        yield ast.parse((root / name).read_text(encoding="utf-8"))


def texts(node: ast.expr) -> set[str]:
    """The names that an expression may stand for: constants, and both sides of a choice."""
    if isinstance(node, ast.Constant):
        return {node.value} if isinstance(node.value, str) and node.value else set()
    if isinstance(node, ast.IfExp):
        return texts(node.body) | texts(node.orelse)
    if isinstance(node, ast.BoolOp):
        return set().union(*map(texts, node.values))
    if isinstance(node, ast.Tuple):
        return set().union(*map(texts, node.elts))
    return set()


def rules_that_refuse() -> set[str]:
    found: set[str] = set()
    for module in sources():
        for node in ast.walk(module):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in RAISED and node.args:
                found |= texts(node.args[0])
            elif isinstance(node, ast.FunctionDef) and node.name in NAMING:
                found |= {name for r in ast.walk(node) if isinstance(r, ast.Return) and r.value for name in texts(r.value)}
            elif isinstance(node, ast.Assign) and holds_rule(node.targets):
                found |= texts(node.value)
    return {name for name in found if name.isidentifier()}


def holds_rule(targets: list[ast.expr]) -> bool:
    names = [leaf for target in targets for leaf in ast.walk(target)]
    return any(
        (isinstance(leaf, ast.Name) and leaf.id in HOLDING) or (isinstance(leaf, ast.Attribute) and leaf.attr == "blocked_rule")
        for leaf in names
    )


def test_the_collection_finds_the_rules_of_every_kind_of_source() -> None:
    expected = {
        "halt",
        "price_band",
        "limit_price",
        "stop_distance_defi",
        "shock_l1",
        "corridor_tolerance",
        "plan",
        "funds",
        "dust",
    }
    assert expected <= rules_that_refuse()


def test_every_rule_that_can_refuse_is_explained() -> None:
    missing = (rules_that_refuse() | (set(Limits.__struct_fields__) - NO_RULES) | {NO_PHASE}) - ADVICE.keys()
    assert missing == set()


def test_every_check_of_a_plan_is_explained() -> None:
    plan = example.reconciled_plan(example.book(), example.market())
    assert {check.rule for check in plan.checks} <= ADVICE.keys()


def test_an_explanation_names_the_keys_in_force() -> None:
    assert "q prices the step anew" in advice("plan_age_max_s", {}).now
    assert "Z prices the step anew" in advice("plan_age_max_s", {"ticket.requote": "Z"}).now
    assert key_of("resume", {}) in advice("halt", {}).now


def test_every_explanation_is_two_sentences_that_fit_and_hide_no_placeholder() -> None:
    for rule in (*ADVICE, "a rule that nobody knows"):
        rows = explained(rule, 70, {})
        text = " ".join(text_of(row) for row in rows)
        assert "Why: " in text
        assert "Now: " in text
        assert "{" not in text
        assert all(width_of(row) <= 70 for row in rows), rule
        assert len(rows) <= 6, rule
