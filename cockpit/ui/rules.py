"""A risk rule in words, with its limit and the worst value of a path."""

from cockpit.model import format as fmt
from cockpit.model.plan import Check, CheckKind
from cockpit.model.wording import is_floor
from cockpit.model.wording import is_repaired as is_repaired
from cockpit.model.wording import rule_words as rule_words
from cockpit.ui.table import Column, Row

COLUMNS = (
    Column("rule", right=False, name=True, least=18),
    Column("worst"),
    Column("", right=False),
    Column("limit"),
    Column("after", drop=1),
)


MEANINGS = (
    ("free reserve", "spot stablecoins over NAV: what is left to defend positions with"),
    ("futures capital", "futures wallets over NAV: what is lost at most to the futures side"),
    ("gross futures", "notional of all perpetuals, longs and shorts added, over NAV"),
    ("largest order", "notional of one order over NAV; larger ones are split"),
    ("hedge ratio", "short notional over the spot value of its sector"),
    ("liquidation gap", "how far mark must move until the nearest position is liquidated"),
    ("stop / liquidation", "distance to the stop over distance to liquidation: the stop must come first"),
    ("detour from the way", "how far a sector may leave the straight way from its start to its target"),
    ("limit from mark", "how far an order's limit may lie from mark"),
)
"""The rules' words explained, for the help."""
REPAIRED = "↻"
"""The mark of a rule that was broken at the start and that the plan repairs or does not make worse."""


def mark_of(check: Check) -> tuple[str, str]:
    """✓ holds, ↻ repairs what was broken at the start, ! a soft rule that speaks, ✗ a hard rule broken; with its role."""
    if is_repaired(check):
        return REPAIRED, "accent"
    if check.passed:
        return "✓", "good"
    return ("!", "warn") if check.kind is CheckKind.SOFT else ("✗", "bad")


def check_row(check: Check) -> Row:
    """A row of COLUMNS. The sign between says how the worst value stands to the limit."""
    mark, role = mark_of(check)
    floor, over = is_floor(check.rule), check.worst > check.limit
    sign = "≥" if floor and check.worst >= check.limit else "<" if floor else ">" if over else "≤"
    where = "start" if check.worst_step == 0 else f"step {check.worst_step}"
    about = f"rule.{check.rule}"
    worst, limit = fmt.limit_pair(check.rule, check.worst, check.limit)
    if check.rule.startswith("shock_") and check.worst >= 1:
        worst = fmt.NONE
    return Row(
        (
            (f"{mark} {rule_words(check.rule)}", "" if mark == "✓" else role),
            (worst, "", about),
            sign,
            (limit, "", about),
            (where, "dim"),
        )
    )
