"""What the cockpit has to say at the moment, kept for all its screens: passing notices, and one that stands while it is true."""

from functools import partial

from textual.app import App

from cockpit.model.text import sanitise
from cockpit.ui.tone import Tone
from cockpit.ui.widgets.notice import Notice, Told


class Notices:
    """The notices of an app; every screen's `Notice` shows the same."""

    def __init__(self, app: App[None]) -> None:
        self._app = app
        self._told: list[Told] = []
        self._standing: tuple[Told, ...] = ()
        self._hint: tuple[Told, ...] = ()

    def tell(self, sentence: str, tone: Tone, seconds: float) -> None:
        """Tell for some seconds; foreign text in it is shown as it is, never read as markup."""
        told = Told(sanitise(sentence, limit=400), tone)
        if told not in self._told:
            self._told.append(told)
            self.show()
            self._app.set_timer(seconds, partial(self.forget, told))

    def forget(self, told: Told) -> None:
        """Stop telling that."""
        self._told = [each for each in self._told if each != told]
        self.show()

    def stand(self, sentence: str) -> None:
        """Tell this error until it is told otherwise; "" ends it."""
        self._standing = (Told(sanitise(sentence, limit=400), Tone.ERROR),) if sentence else ()
        self.show()

    def hint(self, sentence: str) -> None:
        """Tell this quietly until it is told otherwise; "" ends it."""
        self._hint = (Told(sanitise(sentence, limit=400), Tone.PLAIN),) if sentence else ()
        self.show()

    def show(self) -> None:
        """Bring every screen up to date."""
        for screen in self._app.screen_stack:
            for notice in screen.query(Notice):
                notice.show([*self._told, *self._hint, *self._standing])
