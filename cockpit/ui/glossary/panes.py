"""What each pane shows and where its numbers come from, for the help; found by the id of a widget or of what it stands in."""

from typing import NamedTuple


class PaneText(NamedTuple):
    """A pane in two short paragraphs."""

    name: str
    shows: str
    source: str


_BOOK = (
    "The book in the store (its revision stands in the header), valued at the feed's quotes; targets and bands from the strategy."
)
_CALL = "The phase rules (phase.toml) over the readings of the last daily closes; a call of one day never uses a later one."
_READINGS = (
    "The market's daily history: closes, market caps, funding, TVL, fees, activity. Each reading has its source, age and quality."
)
_PLAN = "The planner, from the book, the strategy's target and the feed's prices, the venue's tiers and fees, limits.toml."

PANES: dict[str, PaneText] = {
    "overview": PaneText(
        "Overview",
        "Positions, phase, signals and rotation map together. Below 120 columns one of them is open and the others are "
        "headlines; the next pane is one key away.",
        _BOOK,
    ),
    "positions": PaneText(
        "Positions",
        "Spot and perpetuals as one book, by sector. Net is spot value plus signed perpetual notional: a short is negative. "
        "Weight is net over the base, which is NAV less what stands outside the rotation. STABLE's net is what remains, so the "
        "weights close at 100. Liquidation and stop are distances from mark. Where it takes no row and no column from the table, "
        "the detail of the row under the cursor stands open beside or below it; elsewhere a key opens it.",
        _BOOK,
    ),
    "drawer": PaneText(
        "Detail of a row",
        "Everything of the asset under the cursor: its signals, its positions, its share of the risk, its orders and fills, "
        "and its price with entry, stop and liquidation as lines. Of a sector: its sums, what the strategy asks of it and which "
        "part of it each member is. It follows the cursor of the table.",
        _BOOK,
    ),
    "phase": PaneText(
        "Phase",
        "A infrastructure first, B DeFi alpha hunt, C de-risk and consolidate. Each score is the smoothed, weighted evidence "
        "between −1 and +1; what each row adds sums to the day's evidence. A challenger takes over only when its lead lasts. "
        "Below the coverage that a call needs the phase is undetermined: hold, take no new risk.",
        _CALL,
    ),
    "signals": PaneText(
        "Signals",
        "Every indicator of every sector and asset. Scores run from −1 to +1; · is missing, which is not 0. Below the grid "
        "stands the cell under the cursor: value, unit, formula, inputs, source, age, quality.",
        _READINGS,
    ),
    "map": PaneText(
        "Rotation map",
        "Strength from left to right, momentum from below to above, both against the benchmark, 100 in the middle. Subjects move "
        "clockwise as a rule: improving, leading, weakening, lagging. A tail is the last ten days.",
        _READINGS,
    ),
    "rotation": PaneText(
        "Rotation",
        "The plan from the book to the strategy's target. Every step is followed by the book after it; ◂ marks the worst of the "
        "way. A hard rule that any step would break refuses the whole plan; a soft one warns. Nothing is sent before a step is "
        "confirmed in its ticket. A plan of stops alone sets the stops that are missing, adds margin where a stop would come "
        "behind the liquidation, and is refused by no rule that the book breaks already.",
        _PLAN,
    ),
    "whatif": PaneText(
        "What if",
        "Prices shocked by sector or asset, and what that does to NAV, margin, liquidations and stops: before the plan and after "
        "it, in an orderly fall and in one that jumps over the stops. The ladder scales the same shock both ways and says where "
        "the first stop and the first liquidation are. Nothing is sent from here.",
        "The book in the store and the previewed plan, through the same margin rules as the planner's.",
    ),
    "journal": PaneText(
        "Journal",
        "Everything that happened to this book, newest first: plans, confirmations, orders, fills, stops, refusals, phase "
        "changes. Nothing in it is ever changed.",
        "The store, which writes each event together with the change of the book that it tells of.",
    ),
    "ticket": PaneText(
        "Order ticket",
        "One step: what will be sent, what it can cost at worst, the book before and after, the rules. What is confirmed is "
        "this ticket and no other: if the book or the prices changed too much, it is refused and says what changed.",
        _PLAN,
    ),
    "stop-here": PaneText(
        "Stop here",
        "The ways to leave a plan in the middle, each with its cost: go on, unwind, freeze hedged, leave it as it is.",
        _PLAN,
    ),
}
"""Panes and views by the id of their widget."""


def pane_text(ids: list[str]) -> PaneText | None:
    """The text of the first of these ids that has one: a widget's id first, then those of what it stands in.

    The last word of an id is enough: the panel-map of the overview and the signal-map are both the map.
    """
    names = (name for id in ids for name in (id, id.rpartition("-")[2]))
    return next((PANES[name] for name in names if name in PANES), None)
