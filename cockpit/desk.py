"""The headless cockpit: ties feed, signals, planner, store and executor together; what the screens and the command line call.

It keeps one frozen `Picture`, replaced whole; subscribers are told. Nothing heavy is imported before the part that needs it.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from cockpit.files.config import config_path
from cockpit.files.paths import default_store, may_hold_books, state_dir
from cockpit.files.portfolio import load_portfolio
from cockpit.files.settings import load_risk_settings, load_universe
from cockpit.files.shipped import sample_portfolio
from cockpit.files.strategies import load_strategies
from cockpit.marketplace import GATHERING, market_of
from cockpit.model.book import Book
from cockpit.model.charts import PriceHistory, Series
from cockpit.model.errors import CockpitError, StoreLost
from cockpit.model.exposure import expose, oldest_quote
from cockpit.model.inquiry import Dossier, Shocks, WhatIf
from cockpit.model.journal import JournalRow
from cockpit.model.market import MarketLabel
from cockpit.model.options import DeskOptions as DeskOptions
from cockpit.model.picture import Picture, Progress, Stage, Ticket
from cockpit.model.plan import Plan
from cockpit.model.request import AUTO, Alternatives, PlanRequest, Proposal
from cockpit.model.strategy import Strategy
from cockpit.pictures import Pictures
from cockpit.readout import Readout
from cockpit.rotation.asked import Standing, standing
from cockpit.rotation.lines import position_lines
from cockpit.watching import Watching

if TYPE_CHECKING:
    from cockpit.execution.session import PaperSession
    from cockpit.signals.engine import Signals

PAPER = "PAPER"
READY = Progress(stage=Stage.READY)


class Desk:
    """One portfolio on one market. Every method may be called from any thread; those that take long belong in a worker."""

    def __init__(self, options: DeskOptions | None = None, *, clock: Callable[[], datetime] | None = None) -> None:
        """Read the files and open the market; BadInput before anything is shown if one of them cannot be used."""
        self._options = options = options or DeskOptions()
        self._clock = clock or (lambda: datetime.now(UTC))
        self._universe = load_universe()
        self._settings = load_risk_settings()
        self._strategies = load_strategies()
        self._path = Path(options.portfolio) if options.portfolio else sample_portfolio()
        self._portfolio = load_portfolio(self._path, self._universe)
        self._market = market_of(options, self._universe, self._portfolio, self._clock)
        self._feed = self._market.feed
        self._readout = Readout(self._feed, self._universe)
        watches = options.watch if self._feed.label is MarketLabel.LIVE else ()
        self._watching = Watching(watches, self._portfolio, config_path())
        self._session: PaperSession | None = None
        self._may_be_stored = not options.fresh and may_hold_books(options.store or default_store(make=False))
        first = Picture(
            portfolio=self._portfolio.name,
            portfolio_path=str(self._path),
            accounts=tuple(account.id for account in self._portfolio.accounts),
            mode=PAPER,
            market_label=self._feed.label,
            now=self._feed.now(),
            sectors={symbol: asset.sector for symbol, asset in self._universe.assets.items()} | self._portfolio.sectors,
        )
        self._pictures = Pictures(first, self._aimed)

    # The picture

    @property
    def picture(self) -> Picture:
        """The newest picture."""
        return self._pictures.newest

    def subscribe(self, callback: Callable[[Picture], None]) -> None:
        """Call `callback` with every new picture, in the thread that made it."""
        self._pictures.subscribe(callback)

    def _aimed(self, picture: Picture) -> Picture:
        """With what the strategy in it asks of the book in it."""
        strategy = self._strategies.get(picture.strategy)
        asked = standing(strategy, picture.exposure, self._settings.drift) if strategy is not None else Standing()
        return replace(picture, target_weights=asked.weights, bands=asked.bands)

    # Loading, part by part

    def open_book(self) -> Picture:
        """Value the file's book at the newest quotes, without pandas; not where the store may hold what became of it."""
        try:
            self._market.open(self._portfolio, lambda names: self._pictures.change(book_progress=Progress(message=names)))
            return self._value(self._book, book_progress=READY)
        except CockpitError as error:
            self._pictures.change(book_progress=Progress(stage=Stage.FAILED, message=str(error)))
            raise

    def open_store(self) -> Picture:
        """Open the store, resume the book and start the paper account's executor."""
        try:
            from cockpit.execution.session import PaperSession

            session = PaperSession(
                self._portfolio,
                str(self._path.resolve()),
                url=self._options.store or default_store(),
                lock_folder=state_dir(),
                fresh=self._options.fresh,
                snapshot=self._market.snapshot,
                settings=self._settings,
                universe=self._universe,
                clock=self._clock,
                listener=lambda _: self._on_progress(),
                watched=self._watching.names,
            )
        except CockpitError as error:
            self._pictures.change(store_progress=Progress(stage=Stage.FAILED, message=str(error)))
            self._seen()
            raise
        self._session = session
        self._watching.begin(self._feed, self._clock, self._options.live.gateway)
        self._pictures.change(store_progress=READY, **session.opening())
        try:
            self.tick()
        finally:
            self._pictures.change(absence=session.absence)  # last, so that it is told beside where the plan stands
        return self.picture

    def _on_progress(self) -> None:
        """The executor changed something: show it at once, from its own thread."""
        if self._session is not None:
            with contextlib.suppress(CockpitError):
                self._value(self._book)

    def load_signals(self) -> Picture:
        """Load the market's history and call the phase; slow."""
        if self._feed.label is MarketLabel.LIVE and self.picture.signals_progress.stage is Stage.LOADING:
            self._pictures.change(signals_progress=Progress(message=GATHERING))
        try:
            from cockpit.signals.charts import drawn

            found = self.signals()
            call = found.call()
        except CockpitError as error:
            self._pictures.change(signals_progress=Progress(stage=Stage.FAILED, message=str(error)))
            raise
        if self._session is not None:
            self._session.note_phase(call)
        return self._pictures.change(
            signals_progress=READY,
            call=call,
            readings=found.readings(),
            triggers=found.triggers(),
            strategy=held.id if (held := self._strategies.get(call.held)) else "",
            **drawn(found, self.picture.sectors),
        )

    def signals(self) -> Signals:
        """Every indicator and the phase over the market's whole history; computed once an edition of it."""
        return self._readout.signals()

    def series(self, indicator: str, subject: str, days: int) -> Series:
        """One indicator of one subject over the last days; BadInput where there is no such pair."""
        return self._readout.series(indicator, subject, days)

    def price_history(self, asset: str, days: int) -> PriceHistory:
        """An asset's daily closes over the last days; without any where the market's history does not have it."""
        return self._readout.price_history(asset, days)

    def dossier(self, asset: str) -> Dossier:
        """All about one asset that is not in the picture."""
        from cockpit.inquiries import dossier

        past = self._session.past(asset) if self._session is not None else ((), ())
        return dossier(asset, self._book(), self._market.snapshot, self._universe, self._settings, self.price_history, *past)

    def what_if(self, shocks: Shocks, plan: Plan | None, others: Sequence[Shocks] = ()) -> WhatIf:
        """What shocks of prices do to the book as it is, and at the end of `plan`; BadInput for a shock that cannot be."""
        from cockpit.inquiries import what_if

        begun = self.picture.execution
        return what_if(shocks, plan, begun, self._book(), self._market.snapshot, self._universe, self._settings, others)

    def tick(self) -> Picture:
        """Newest quotes and whatever any process changed in the store; when the history has grown the phase is called anew."""
        if self.picture.signals_progress.stage is not Stage.LOADING and self._readout.behind:
            with contextlib.suppress(CockpitError):  # the picture says so
                self.load_signals()
        return self._value(self._book, book_progress=READY)

    def _book(self) -> Book:
        if (session := self._session) is None:
            return self._portfolio
        session.adopt(self._watching.seen())
        return session.book()

    def _value(self, read: Callable[[], Book], **changes: Any) -> Picture:
        """Look at book, market and store, and show it unless a look that began later is shown already."""
        if self._may_be_stored and self._session is None and self.picture.store_progress.stage is Stage.LOADING:
            return self.picture
        look = self._pictures.begin_look()
        try:
            book = read()
        except StoreLost as error:
            self._pictures.change(failure=str(error))
            raise
        market, now = self._market.snapshot(book.assets()), self._feed.now()
        begun = self.picture.execution
        self._market.look_closely(book, begun.plan if begun is not None and not begun.finished else None)
        try:
            exposure = expose(book, market, self._universe)
        except CockpitError:  # who does not answer is to be seen where no number is
            self._pictures.change(**self._watching.shown(self._feed))
            raise
        oldest = oldest_quote(book, market)
        seen: dict[str, Any] = {
            "book": book,
            "market": market,
            "now": now,
            "revision": book.revision,
            "quote_age": now - oldest if oldest is not None else timedelta(0),
            **self._watching.shown(self._feed),
            "exposure": exposure,
            "positions": position_lines(book, market, self._watching.liquidations()),
        }
        if (session := self._session) is not None:
            seen |= session.progress(exposure.nav)
            seen |= {"watching": session.watching, "failure": str(session.executor.failure or "")}
        return self._pictures.end_look(look, seen, **changes)

    # Planning

    def strategies(self) -> tuple[Strategy, ...]:
        """Every strategy: the shipped ones and the user's."""
        return tuple(self._strategies.values())

    def propose(self, request: PlanRequest) -> Proposal:
        """A plan from the newest book and quotes, or the rule that refuses it. BadInput for an unknown strategy or preset."""
        from cockpit import proposals

        if request.stops_only:
            return self.protect()
        call = self.picture.call or (self.signals().call() if request.strategy == AUTO else None)
        strategy, phase = proposals.chosen(request.strategy, call, self._strategies)
        if strategy is None:
            return proposals.no_phase(request, self.signals().call())
        book = self._book()
        market = self._market.for_planning(book, lambda words: self._pictures.change(planning=words))
        rules = self._universe, self._settings, self._feed.now()
        found = proposals.rotation(request, strategy, phase, book, market, *rules)
        if found.rule and self._session is not None:
            self._session.note_refusal(request, found.rule, found.sentence)
        return found

    def protect(self) -> Proposal:
        """The stops that are missing, and nothing else; nothing is begun. It needs neither a phase nor the store."""
        from cockpit import proposals

        call, book = self.picture.call, self._book()
        strategy, phase = self._strategies.get(self.picture.strategy), call.phase if call is not None else ""
        market, rules = self._market.snapshot(book.assets()), (self._universe, self._settings, self._feed.now())
        return proposals.stops(strategy, phase, book, market, *rules)

    def ticks(self, plan: Plan) -> dict[str, Decimal]:
        """The price steps of what a plan trades, by symbol, where the market lists it: prices are written in their places."""
        market = self._market.snapshot({step.asset for step in plan.steps if step.asset})
        return {symbol: instrument.tick for symbol, instrument in market.instruments.items()}

    def export(self, plan: Plan, directory: Path) -> Path:
        """Write the plan into `directory` under a name of its own, never over an existing file; where it is."""
        from cockpit.files.plan_file import export_plan

        path = export_plan(plan, directory)
        if self._session is not None:
            self._session.note_export(plan, path)
        return path

    def journal(self, after: int = 0) -> tuple[JournalRow, ...]:
        """Every event of this portfolio with a `seq` above `after`, oldest first; the picture holds the newest ones alone."""
        return self._at_work().journal(after)

    def export_journal(self, rows: Sequence[JournalRow], form: str, directory: Path) -> Path:
        """Write these events into `directory` as "csv" or "toml", never over an existing file; where it is."""
        from cockpit.files.journal_file import export_journal

        return export_journal(rows, form, directory)

    def report(self, plan: Plan, directory: Path) -> Path:
        """Write what the screens say of a plan into `directory` as Markdown, never over an existing file; where it is."""
        from cockpit.files.report_file import write_report

        strategy, label = self._strategies.get(plan.plan.strategy), self._feed.label
        return write_report(plan, directory, mode=PAPER, market=label, strategy=strategy, ticks=self.ticks(plan))

    def keep(self, name: str, text: str, directory: Path) -> Path:
        """Write a copy or a picture into `directory`, never over an existing file; where it is."""
        from cockpit.files.kept import keep_text

        return keep_text(name, text, directory)

    # Execution

    def begin(self, plan: Plan) -> Picture:
        """Make a plan the one in execution; a plan edited by hand is weighed again first.

        StalePlan, with the differences, if it no longer fits the book or the market.
        """
        self._at_work().begin(plan)
        return self._seen()

    def ticket(self, number: int) -> Ticket:
        """What the order ticket shows for a step, on the newest book and quotes."""
        return self._at_work().ticket(number)

    def confirm(self, ticket: Ticket) -> None:
        """Send the step of a ticket, once. The outcome comes as pictures."""
        self._at_work().confirm(ticket)
        self._seen()

    def skip(self, number: int, plan: str = "") -> None:
        """Leave a step of the plan in execution out; StalePlan where `plan` is the id of another one."""
        self._at_work().skip(number, plan)
        self._seen()

    def requote(self, number: int) -> Ticket:
        """The ticket of a step at newest prices; if it no longer fits, what is left becomes a plan of its own."""
        ticket = self._at_work().requote(number)
        self._seen()
        return ticket

    def alternatives(self) -> Alternatives:
        """What a trader who stops in the middle may do instead, each priced."""
        from cockpit.proposals import offer

        session = self._at_work()
        renew, back, freeze = map(offer, (session.renew, session.unwind, session.freeze))
        return Alternatives(go_on=renew, unwind=back, freeze=freeze)

    def undo(self) -> Proposal:
        """The way back from the newest plan, priced; nothing is begun. BadInput if there is none."""
        from cockpit.proposals import offer

        return offer(self._at_work().undo)

    def abandon(self, plan: str = "") -> Picture:
        """Stop the plan where it stands, positions and stops stay; StalePlan where `plan` is the id of another one."""
        self._at_work().abandon(plan)
        return self._seen()

    def halt(self) -> Picture:
        """Cancel entry orders and send none that adds risk; stops stay."""
        self._at_work().executor.halt()
        return self._seen()

    def resume(self) -> Picture:
        """Allow new risk again after a halt."""
        self._at_work().executor.resume()
        return self._seen()

    def leaving(self, reason: str, since: datetime | None = None) -> None:
        """Journal that this cockpit has to end, and why; nothing of what happened after `since` was seen by its trader.

        One transaction; CockpitError where the store does not take it. `close` still follows where there is time for it.
        """
        if (session := self._session) is not None:
            session.presence.cut(reason, since)

    def hurry(self) -> None:
        """Whoever waits for the market waits no longer: the cockpit is about to be closed."""
        self._feed.hurry()

    def close(self) -> None:
        """End the executor and close the store; the picture keeps where the plan stands then."""
        session, self._session = self._session, None
        try:
            if session is not None:
                self._pictures.change(**session.close())
        finally:
            self._feed.close()

    def _seen(self) -> Picture:
        """The picture after something was done, which stays done where nobody can look at it now."""
        with contextlib.suppress(CockpitError):
            self.tick()
        return self.picture

    def _at_work(self) -> PaperSession:
        if self._session is None:
            raise CockpitError("the store is not open yet: wait a moment and try again")
        return self._session
