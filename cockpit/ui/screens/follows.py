"""A screen that stands over the views and follows the picture as they do."""

from typing import TypeVar

from textual.screen import ModalScreen

from cockpit.model.picture import Picture
from cockpit.ui.screens.steady import Steady

Answered = TypeVar("Answered")


class Follows(Steady, ModalScreen[Answered]):
    """A modal screen that is shown every new picture from the moment it is `ready`: once its widgets stand."""

    ready = False

    def show(self, picture: Picture) -> None:
        """Show this picture."""
        raise NotImplementedError

    def answer(self, result: Answered | None) -> None:
        """Close with this result; only the first answer counts."""
        if self.ready:
            self.ready = False
            self.dismiss(result)
