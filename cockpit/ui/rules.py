"""A risk rule in words, with its limit and the worst value of a path."""

from cockpit.model.plan import Check, CheckKind
from cockpit.ui import format as fmt
from cockpit.ui.table import Column, Row

COLUMNS = (
    Column("rule", right=False, name=True, least=18),
    Column("worst"),
    Column("", right=False),
    Column("limit"),
    Column("after", drop=1),
)


def rule_words(rule: str) -> str:
    """free_reserve_min is "free reserve"; the unit and the direction stand beside it."""
    for ending in ("_min", "_max", "_max_bps", "_max_s"):
        if rule.endswith(ending):
            rule = rule.removesuffix(ending)
            break
    return rule.replace("_", " ").replace(" l1", " L1").replace(" defi", " DeFi")


def is_floor(rule: str) -> bool:
    """Whether the limit is the least that is allowed; the others are the most."""
    return rule.endswith("_min") or rule.startswith("shock_")


def mark_of(check: Check) -> tuple[str, str]:
    """✓ holds, ! a soft rule that speaks, ✗ a hard rule broken; with its role."""
    if check.passed:
        return "✓", "good"
    return ("!", "warn") if check.kind is CheckKind.SOFT else ("✗", "bad")


def check_row(check: Check) -> Row:
    """A row of COLUMNS. The sign between says how the worst value stands to the limit."""
    mark, role = mark_of(check)
    floor, over = is_floor(check.rule), check.worst > check.limit
    sign = "≥" if floor and check.worst >= check.limit else "<" if floor else ">" if over else "≤"
    where = "start" if check.worst_step == 0 else f"step {check.worst_step}"
    return Row(
        (
            (f"{mark} {rule_words(check.rule)}", role if not check.passed else ""),
            fmt.limit_value(check.rule, check.worst),
            sign,
            fmt.limit_value(check.rule, check.limit),
            (where, "dim"),
        )
    )
