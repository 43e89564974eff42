"""A risk rule in words, with its limit and the worst value of a path."""

from cockpit.model import format as fmt
from cockpit.model.plan import Check, CheckKind
from cockpit.ui.table import Column, Row

COLUMNS = (
    Column("rule", right=False, name=True, least=18),
    Column("worst"),
    Column("", right=False),
    Column("limit"),
    Column("after", drop=1),
)


WORDS = {
    "shock_l1": "liquidation gap L1",
    "shock_defi": "liquidation gap DeFi",
    "collar_l1": "limit from mark L1",
    "collar_defi": "limit from mark DeFi",
    "corridor_tolerance": "detour from the way",
    "stop_liquidation_ratio_max": "stop / liquidation",
    "gross_notional_max": "gross futures",
    "gross_notional_warn": "gross futures, guide",
    "hedge_ratio_guideline": "hedge ratio, guide",
    "order_notional_max": "largest order",
    "funding_warn": "funding, guide",
    "phase": "the undetermined phase",
}
"""Rules whose configuration name says too little."""
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


def rule_words(rule: str) -> str:
    """free_reserve_min is "free reserve"; the unit and the direction stand beside it."""
    if rule in WORDS:
        return WORDS[rule]
    for ending in ("_min", "_max", "_max_bps", "_max_s"):
        if rule.endswith(ending):
            rule = rule.removesuffix(ending)
            break
    return rule.replace("_", " ").replace(" l1", " L1").replace(" defi", " DeFi")


def is_floor(rule: str) -> bool:
    """Whether the limit is the least that is allowed; the others are the most."""
    return rule.endswith("_min") or rule.startswith("shock_")


def is_repaired(check: Check) -> bool:
    """Whether the rule passes although its worst value breaks the limit: broken at the start, made no worse since."""
    beyond = check.worst < check.limit if is_floor(check.rule) else check.worst > check.limit
    return check.passed and beyond


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
    return Row(
        (
            (f"{mark} {rule_words(check.rule)}", "" if mark == "✓" else role),
            fmt.limit_value(check.rule, check.worst),
            sign,
            fmt.limit_value(check.rule, check.limit),
            (where, "dim"),
        )
    )
