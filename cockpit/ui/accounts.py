"""What an account is called where room is short: its id, or the part of a long one that tells it from the others."""

from collections.abc import Sequence

LONGEST = 12
"""Ids up to this length stand whole."""
SHORTEST = 6


def short_names(ids: Sequence[str]) -> dict[str, str]:
    """A name for each id, all different: the end of a long id or, where only their beginnings differ, its beginning."""
    long = [account for account in ids if len(account) > LONGEST]
    for size in range(SHORTEST, max(map(len, long), default=0)):
        for cut in (_end, _beginning):
            names = {account: cut(account, size) if account in long else account for account in ids}
            if len(set(names.values())) == len(set(ids)):
                return names
    return {account: account for account in ids}


def _end(account: str, size: int) -> str:
    return f"…{account[-size:]}" if size + 1 < len(account) else account


def _beginning(account: str, size: int) -> str:
    return f"{account[:size]}…" if size + 1 < len(account) else account
