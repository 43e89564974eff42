"""The line that always says, in words, which book, which market and which state the numbers below belong to."""

from datetime import timedelta
from typing import cast

from cockpit.model import format as fmt
from cockpit.model.market import MarketLabel
from cockpit.model.picture import Picture, Stage
from cockpit.model.readings import Phase
from cockpit.ui.blocks.freshness import quotes_are_old
from cockpit.ui.blocks.sources import standing_badge
from cockpit.ui.blocks.unprotected import badge
from cockpit.ui.lines import Line, Span, clip, line, spread, width_of
from cockpit.ui.port import Host
from cockpit.ui.roles import phase_role
from cockpit.ui.widgets.lines_view import LinesView

TWO_LINES_BELOW = 120
CUT_BELOW = 60
"""On fewer columns the lines of the panes are cut in the middle of their numbers."""
NEEDED_BESIDE = 56
"""The cells that phase, revision and age need of the second line."""

LEAST_NAME = 8
"""The cells of a name that is cut; below them the revision gives way."""
A_DAY = timedelta(days=1)


def header(picture: Picture, width: int, outage: timedelta | None = None, *, ages: bool = True) -> list[Line]:
    """One line from 120 columns on, two below. Names give way first; numbers and words of state never do.

    `outage` is how long nothing new has come, while that lasts. Without `ages` it says since when: this line may stand for long.
    """
    lasting = fmt.age(outage) if ages else f"SINCE {picture.now:%H:%M:%S}"
    age = _age(picture, ages) if outage is None else Span(f" NO UPDATE {lasting} ", "alarm", "header.no_update")
    if width < CUT_BELOW:
        return _too_narrow(picture, width, age if outage is not None else standing_badge(picture, short=True))
    if width < TWO_LINES_BELOW:
        first_right = line(*_state(picture), "  ", *_nav(picture))
        first_left = _names(picture, width - width_of(first_right) - 3)
        second_right = line(*_badge(picture, width - NEEDED_BESIDE), *_revision(picture), "  ", age)
        second_left = _phase(picture, width - width_of(second_right) - 3)
        return [
            spread(line(" ", *first_left), line(*first_right, " "), width),
            spread(line(" ", *second_left), line(*second_right, " "), width),
        ]
    state = _state(picture)
    nav = line(*_nav(picture), "   ")
    for phase_room, badge_room, name_room in (
        (40, width, len(_whole_name(picture))),
        (20, width, LEAST_NAME),
        (20, 0, LEAST_NAME),
    ):
        tail = line("   ", *_badge(picture, badge_room), *_revision(picture), "   ", age, " ")
        right = (*nav, *_phase(picture, phase_room), *tail)
        room = width - width_of(right) - width_of(state) - 5
        if name_room <= room:
            break
    else:
        right = (*nav, *_phase(picture, 20), *line("  ", *_badge(picture, 0), age, " "))
        room = width - width_of(right) - width_of(state) - 5
    brand = "ROTATION COCKPIT   " if room >= len(_whole_name(picture)) + 19 else ""
    left = line((f" {brand}", "title"), *_names(picture, room - len(brand)), "   ", *state)
    return [spread(left, right, width)]


def _badge(picture: Picture, room: int) -> Line:
    """That the market runs on a fall-back, or not at all; in one word where there is no room for which."""
    for short in (False, True):
        found = standing_badge(picture, short=short)
        if found is not None and (short or len(found.text) <= room):
            return line(found, "  ")
    return ()


def _too_narrow(picture: Picture, width: int, alarm: Span | None) -> list[Line]:
    """The state, the NAV if it stands there whole, and that numbers are cut."""
    state, nav = line(" ", *_state(picture)), line(*_nav(picture), " ")
    room = width - width_of(state) - width_of(nav)
    words = Span(f" {width} columns cut numbers: widen to 80 ", "warn")
    return [spread(state, nav, width) if room > 0 else state, line(alarm if alarm is not None else words)]


def _nav(picture: Picture) -> Line:
    if picture.exposure is None and picture.book_progress.stage is Stage.FAILED:
        return line(("NAV unknown", "bad", "book.nav"))
    return line(("NAV ", "strong"), (fmt.amount(picture.exposure.nav) if picture.exposure else "…", "strong", "book.nav"))


def _revision(picture: Picture) -> Line:
    return line("rev ", (str(picture.revision), "", "header.revision"))


def _whole_name(picture: Picture) -> str:
    return f"{picture.portfolio} / {' + '.join(picture.accounts)}"


def _names(picture: Picture, room: int) -> Line:
    whole = _whole_name(picture)
    if len(whole) > room and len(picture.accounts) > 1:
        whole = f"{picture.portfolio} / {len(picture.accounts)} accounts"
    return line((clip(whole, max(LEAST_NAME, room)), "strong"))


def _state(picture: Picture) -> Line:
    label, about = picture.market_label.value, ""
    if picture.market_label is MarketLabel.RECORDED:
        label, about = f"{label} {fmt.close_of(picture.now)}", "header.as_of"
    parts: list[tuple[str, str, str] | tuple[str, str] | str] = [(picture.mode.upper(), "badge"), " ", (label, "badge", about)]
    if picture.failure:
        parts += [" ", (" EXECUTOR STOPPED ", "alarm")]
    elif picture.halted:
        parts += [" ", (" HALTED ", "alarm")]
    elif picture.unheard:
        parts += [" ", (" NOBODY SENDS ", "alarm")]
    elif picture.watching:
        parts += [" ", (" WATCHING ", "warn")]
    elif picture.trading_state.upper() != "ACTIVE":
        parts += [" ", (f" {picture.trading_state.upper()} ", "warn")]
    if unprotected := badge(picture):
        parts += [" ", (f" {unprotected} ", "alarm", "header.naked")]
    return line(*parts)


def _phase(picture: Picture, room: int) -> Line:
    call = picture.call
    if call is None:
        failed = picture.signals_progress.stage is Stage.FAILED
        return line(("phase unknown", "bad") if failed else ("phase …", "dim"))
    role = phase_role(call.phase)
    if call.phase is Phase.UNDETERMINED:
        return line(("UNDETERMINED", role), " coverage ", (fmt.percent(call.coverage, 0), "", "header.coverage"))
    letter = f"{call.phase.value} "
    confidence = call.level.value if call.confidence is None else f"{call.level.value} {fmt.plain_score(call.confidence)}"
    words = f"{letter}{call.phase.words}"
    if len(words) + len(confidence) + 1 > room:
        words = f"{letter}{call.phase.short}"
    return line((words, role), " ", (confidence, "", "header.confidence"))


def _age(picture: Picture, ages: bool) -> Span:
    if picture.quote_age is None:
        return Span("quotes …" if picture.book_progress.stage is Stage.LOADING else "no quotes")
    quotes = picture.market.quotes.values() if picture.market is not None else ()
    if not picture.quote_age and quotes and all(quote.pinned for quote in quotes):
        return Span("prices pinned")
    old = quotes_are_old(picture)
    ages = ages or picture.quote_age >= A_DAY  # a time of another day would be taken for one of today
    age = fmt.age(picture.quote_age) if ages else f"{picture.now - picture.quote_age:%H:%M:%S}"
    return Span(f"quotes {age}" + (" OLD" if old else ""), "warn" if old else "", "book.quote_age")


class Header(LinesView, can_focus=False):
    """The header as a widget; its height follows the width."""

    def __init__(self) -> None:
        super().__init__(id="header")
        self._picture: Picture | None = None
        self._outage: timedelta | None = None

    def show(self, picture: Picture, outage: timedelta | None = None) -> None:
        """Show this picture's state; `outage` is how long nothing new has come."""
        self._picture, self._outage = picture, outage
        width = self.size.width or self.app.size.width  # as wide as the terminal, also before it is laid out
        self.show_lines(header(picture, width, outage, ages=cast(Host, self.app).pace.ages))

    def on_resize(self) -> None:
        if self._picture is not None:
            self.show(self._picture, self._outage)
