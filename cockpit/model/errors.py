"""What can go wrong, as sentences for the trader, each with the exit code of the command line."""

from enum import IntEnum


class ExitCode(IntEnum):
    """Exit codes that other programs rely on."""

    DONE = 0
    FAILED = 1
    BAD_INPUT = 2
    REFUSED = 3
    MARKET = 4


class CockpitError(Exception):
    """A sentence for the trader: what is wrong, where, and what to do."""

    exit_code = ExitCode.FAILED


class BadInput(CockpitError):
    """A file, a flag or a value that cannot be used."""

    exit_code = ExitCode.BAD_INPUT


class StoreError(BadInput):
    """The portfolio store cannot be opened, read or written."""


class StoreLost(StoreError):
    """The file of the store was deleted or replaced under the running cockpit: nobody could find again what is written to it."""


class RefusedByRule(CockpitError):
    """A hard risk rule forbids it; `rule` is the limit's name."""

    exit_code = ExitCode.REFUSED

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule


class StalePlan(RefusedByRule):
    """The plan no longer fits the book or the market; `changes` says what changed, before and after."""

    def __init__(self, rule: str, message: str, changes: tuple[str, ...]) -> None:
        super().__init__(rule, message)
        self.changes = changes


class MarketUnavailable(CockpitError):
    """Market data are missing or too old for what was asked."""

    exit_code = ExitCode.MARKET
