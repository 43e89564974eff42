"""A screen that stands over the views and follows the picture as they do."""

from typing import TypeVar

from textual.screen import ModalScreen

from cockpit.model.picture import Picture

Answered = TypeVar("Answered")


class Follows(ModalScreen[Answered]):
    """A modal screen that is shown every new picture."""

    def show(self, picture: Picture) -> None:
        """Show this picture."""
        raise NotImplementedError
