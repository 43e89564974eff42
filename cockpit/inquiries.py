"""What the screens ask about the book beside the picture: all about one asset, and what a shock of prices would do."""

from collections.abc import Callable, Iterable

from msgspec.structs import replace

from cockpit.files.toml import bad, nearest
from cockpit.model.assets import Universe
from cockpit.model.book import Book
from cockpit.model.charts import PriceHistory
from cockpit.model.errors import CockpitError, MarketUnavailable
from cockpit.model.inquiry import Dossier, FillLine, OrderLine, ShockedBook, Shocks, WhatIf
from cockpit.model.ledger import LedgerError
from cockpit.model.market import MarketSnapshot
from cockpit.model.picture import ExecutionView, StepView
from cockpit.model.plan import Plan, Step
from cockpit.model.strategy import RiskSettings
from cockpit.rotation.shock import book_after, risk_share, shock

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
) -> WhatIf:
    """What shocks do to the book as it is, and at the end of `plan`; of the plan in execution only what is left counts.

    BadInput for a move that cannot be and for an asset that nobody knows; CockpitError where the plan no longer fits the book.
    """
    steps = () if plan is None else steps_left(plan, execution)
    held = {*book.assets(), *(step.asset for step in steps if step.asset)}
    known = dict.fromkeys((*sorted(held), *universe.assets))
    for asset in shocks.assets:
        if asset not in known:
            raise bad("", "", f"{asset} is neither held nor in the universe{nearest(asset, known)}")
    market = snapshot(held)

    def shocked(found: Book) -> ShockedBook:
        return shock(found, market, universe, settings.limits, settings.fees, shocks)

    return WhatIf(
        shocks=shocks,
        now=shocked(book),
        planned=None if plan is None else shocked(_after(steps, book, market, universe)),
    )


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
