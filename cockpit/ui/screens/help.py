"""What the focused pane shows, where its numbers come from, what each of its figures means, and every key that works there."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, NamedTuple, cast

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen

from cockpit.model.picture import Picture
from cockpit.ui import actions
from cockpit.ui.figures import HasFigures, focused_pane, panes_of
from cockpit.ui.glossary import meaning
from cockpit.ui.glossary.panes import pane_text
from cockpit.ui.keys import Keymap, in_force, key_of
from cockpit.ui.lines import EMPTY, Line, line, padded, span, title, wrapped
from cockpit.ui.port import Host
from cockpit.ui.rules import MEANINGS
from cockpit.ui.screens.follows import Follows
from cockpit.ui.widgets.footer import Footer
from cockpit.ui.widgets.lines_view import LinesView
from cockpit.ui.widgets.notice import Notice


class Topic(NamedTuple):
    """What is explained: ids of the pane and of what it stands in, the entries of its figures, the scope of its keys."""

    ids: tuple[str, ...]
    about: tuple[str, ...]
    scope: str


def topic_of(screen: Screen[object], scope: str) -> Topic:
    """The focused pane, with what stands beside it and cannot have the focus: its headings and details are explained with it."""
    pane = focused_pane(screen)
    beside = [other for other in panes_of(screen) if other is not pane and not other.can_focus and other.id != "header"]
    around = [] if pane is None else [pane, *beside]
    about = [shown.about for widget in around if isinstance(widget, HasFigures) for shown in widget.figures()]
    ids = [] if pane is None else [node.id for node in pane.ancestors_with_self if node.id]
    return Topic((*ids, scope), tuple(dict.fromkeys(about)), scope)


def help_lines(topic: Topic, keymap: Keymap, width: int) -> list[Line]:
    """The text of the pane, its figures and its keys, then the keys of the whole cockpit."""
    text = pane_text(list(topic.ids))
    rows: list[Line] = []
    if text is not None:
        rows += [title(text.name), *wrapped(text.shows, width), *wrapped(f"From: {text.source}", width, "dim"), EMPTY]
    rows += figure_lines(topic.about, key_of("explain", keymap), width)
    if topic.scope == "rotation":
        rows += [title("The rules' words"), *_listed([(name, text) for name, text in MEANINGS], "strong", width), EMPTY]
    own = actions.SCOPES.get(topic.scope, ())
    if own and topic.scope != "cockpit":
        rows += [*_keys("Keys here", own, keymap, width), EMPTY]
    rows += [*_keys("Moving", actions.MOVES, keymap, width), EMPTY]
    if topic.scope in actions.VIEWS:
        rows += [*_keys("Keys everywhere", actions.COCKPIT, keymap, width), EMPTY]
        rows += [*_keys("Keys of a field that is typed into", actions.FIELD, keymap, width), EMPTY]
        rows += _keys("Keys of the order ticket", actions.TICKET, keymap, width)
    return rows


def figure_lines(about: Iterable[str], walk: str, width: int) -> list[Line]:
    """Every figure in reading order: its name, what it means, its formula, its source. `walk` is the key of explain."""
    known = [entry for key in about if (entry := meaning(key)) is not None]
    if not known:
        return []
    rows: list[Line] = [title("Its figures", f"{walk} walks over them")]
    for entry in known:
        formula = f" = {entry.formula}" if entry.formula else ""
        rows.append(line((entry.name, "strong")))
        rows += wrapped(f"{entry.meaning}", width, indent="  ")
        rows += wrapped(f"{formula.removeprefix(' ')}{'; ' if formula else ''}source: {entry.source}", width, "dim", indent="  ")
    return [*rows, EMPTY]


def _keys(heading: str, own: Sequence[actions.Action], keymap: Keymap, width: int) -> list[Line]:
    pairs = [(action.all_keys_text or "palette", action.help) for action in in_force(own, keymap)]
    return [title(heading), *_listed(pairs, "key", width)]


def _listed(pairs: Sequence[tuple[str, str]], role: str, width: int) -> list[Line]:
    """Words at the left, sentences beside them, which wrap below themselves."""
    room = max(len(words) for words, _ in pairs) + 2
    rows: list[Line] = []
    for words, sentence in pairs:
        for index, part in enumerate(wrapped(sentence, width - room)):
            rows.append((span(padded("" if index else words, room), role), *part))
    return rows


class HelpScreen(Follows[None]):
    """The help over the open view."""

    BINDINGS: ClassVar[list[BindingType]] = [*actions.bindings(actions.HELP)]

    def __init__(self, topic: Topic) -> None:
        super().__init__(id="help-screen")
        self._topic = topic

    def compose(self) -> ComposeResult:
        yield Notice()
        yield LinesView(id="help")
        yield Footer(actions.HELP)

    def show(self, picture: Picture) -> None:
        """The help does not follow the picture."""

    def on_resize(self) -> None:
        view = self.query_one("#help", LinesView)
        width = max(20, view.scrollable_size.width - 1)
        view.show_lines(help_lines(self._topic, cast(Host, self.app).keymap, width))
