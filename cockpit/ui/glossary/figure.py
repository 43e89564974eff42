"""One figure of the screens, explained."""

from typing import NamedTuple


class Figure(NamedTuple):
    """`name` as the screens write it, `meaning` in a sentence, `formula` ("" where it is an observation), `source`."""

    name: str
    meaning: str
    formula: str
    source: str

    @property
    def sentence(self) -> str:
        """All of it in one line."""
        formula = f" = {self.formula}" if self.formula else ""
        return f"{self.name}{formula}. {self.meaning} Source: {self.source}."
