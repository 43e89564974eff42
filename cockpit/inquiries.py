"""What the screens ask about the book beside the picture: all about one asset, and what a shock of prices would do."""

from collections.abc import Callable, Iterable
from decimal import Decimal

from msgspec.structs import replace

from cockpit.files.toml import bad, nearest
from cockpit.model.assets import Universe
from cockpit.model.book import Book
from cockpit.model.charts import PriceHistory
from cockpit.model.errors import CockpitError, MarketUnavailable
from cockpit.model.inquiry import Dossier, FillLine, Ladder, OrderLine, Outcome, Rung, Shocks, WhatIf
from cockpit.model.ledger import LedgerError
from cockpit.model.market import MarketSnapshot
from cockpit.model.picture import ExecutionView, StepView
from cockpit.model.plan import Plan, Step
from cockpit.model.strategy import RiskSettings
from cockpit.rotation.shock import book_after, ladder_moves, leading_move, reached, risk_share, scaled, shock

HISTORY_DAYS = 180
"""How far back an asset's price chart goes."""
Snapshot = Callable[[Iterable[str]], MarketSnapshot]
"""The market of now for some assets."""


def dossier(
    asset: str,
    book: Book,
    snapshot: Snapshot,
    universe: Universe,
    settings: RiskSettings,
    history: Callable[[str, int], PriceHistory],
    orders: tuple[OrderLine, ...] = (),
    fills: tuple[FillLine, ...] = (),
) -> Dossier:
    """All about one asset of the book, with its share of the book's risk as prices stand.

    A market without a usable history leaves the price chart empty; the picture's signals say why. A holding without a price
    leaves the share of risk unknown, for a share is one of the whole book.
    """
    risk, unknown = None, ""
    try:
        risk = risk_share(asset, book, snapshot(book.assets()), universe, settings.limits, settings.fees)
    except MarketUnavailable as error:
        unknown = str(error)
    try:
        closes = history(asset, HISTORY_DAYS)
    except CockpitError:
        closes = PriceHistory(asset=asset, source="", days=(), closes=())
    return Dossier(asset=asset, history=closes, orders=orders, fills=fills, risk=risk, risk_unknown=unknown)


def what_if(
    shocks: Shocks,
    plan: Plan | None,
    execution: ExecutionView | None,
    book: Book,
    snapshot: Snapshot,
    universe: Universe,
    settings: RiskSettings,
    others: Iterable[Shocks] = (),
) -> WhatIf:
    """What shocks do to the book as it is, and at the end of `plan`; of the plan in execution only what is left counts.

    With it comes the ladder of the same shock scaled, and what each of `others` does, all on the same prices. BadInput for a
    move that cannot be and for an asset that nobody knows; CockpitError where the plan no longer fits the book.
    """
    others = tuple(others)
    steps = () if plan is None else steps_left(plan, execution)
    held = {*book.assets(), *(step.asset for step in steps if step.asset)}
    known = dict.fromkeys((*sorted(held), *universe.assets))
    for asset in (asset for asked in (shocks, *others) for asset in asked.assets):
        if asset not in known:
            raise bad("", "", f"{asset} is neither held nor in the universe{nearest(asset, known)}")
    market = snapshot(held)
    end = None if plan is None else _after(steps, book, market, universe)

    rules = (market, universe, settings.limits, settings.fees)

    def outcome(asked: Shocks) -> Outcome:
        return Outcome(shocks=asked, now=shock(book, *rules, asked), planned=None if end is None else shock(end, *rules, asked))

    def rung(move: Decimal) -> Rung:
        found = outcome(scaled(shocks, move))
        return Rung(move=move, shocks=found.shocks, now=found.now, planned=found.planned)

    own, lead, ladder = outcome(shocks), leading_move(shocks), None
    if lead:
        ladder = Ladder(
            lead=lead,
            rungs=tuple(map(rung, ladder_moves(shocks))),
            now=reached(book, *rules, shocks),
            planned=() if end is None else reached(end, *rules, shocks),
        )
    return WhatIf(shocks=shocks, now=own.now, planned=own.planned, ladder=ladder, others=tuple(map(outcome, others)))


def steps_left(plan: Plan, execution: ExecutionView | None) -> tuple[Step, ...]:
    """The steps of a plan that are still to come, each with what is left of it; all of them where it was not begun."""
    if execution is None or execution.plan.plan.id != plan.plan.id:
        return plan.steps
    return tuple(_rest(view) for view in execution.steps if not view.state.final and view.filled < view.step.quantity)


def _rest(view: StepView) -> Step:
    step = view.step
    if not view.filled:
        return step
    left = step.quantity - view.filled
    return replace(step, quantity=left, fee=None if step.fee is None else step.fee * left / step.quantity)


def _after(steps: Iterable[Step], book: Book, market: MarketSnapshot, universe: Universe) -> Book:
    try:
        return book_after(book, market, universe, steps)
    except LedgerError as error:
        raise CockpitError(f"the plan no longer fits the book, preview it again: {error}") from None
