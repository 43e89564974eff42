"""What is said of positions that nothing protects: those without a stop, and those liquidated before their stop can fire."""

from cockpit.model.picture import Picture, PositionLine
from cockpit.ui.accounts import short_names
from cockpit.ui.keys import AS_SHIPPED, Keymap, key_of
from cockpit.ui.lines import Line, wrapped


def badge(picture: Picture) -> str:
    """How many there are, in capitals; "" where every position is protected. Those without any stop are named first."""
    naked, late = _naked(picture), _late(picture)
    if naked:
        return f"{len(naked)} WITHOUT STOP"
    return f"{len(late)} STOP TOO LATE" if late else ""


def alarms(picture: Picture, width: int, keymap: Keymap = AS_SHIPPED) -> list[Line]:
    """Which they are, what that means, and where the way out begins; nothing where every position is protected."""
    rows: list[Line] = []
    if naked := _naked(picture):
        what = "it" if len(naked) == 1 else "they"
        rows += wrapped(f"! NO STOP: {_names(naked, picture)}. Nothing limits what {what} may lose.", width, "alarm")
    if late := _late(picture):
        what = "it is" if len(late) == 1 else "they are"
        words = f"! STOP TOO LATE: {_names(late, picture)}: {what} liquidated before the stop can fire."
        rows += wrapped(words, width, "alarm")
    if rows:
        rows += wrapped(_way_out(picture, keymap), width, "warn")
    return rows


def _way_out(picture: Picture, keymap: Keymap) -> str:
    """Which key leads to the stops; a plan that is on its way gives way to them."""
    alone = f"{key_of('protect', keymap)} previews the stops alone"
    if picture.execution is not None and not picture.execution.finished:
        return f"{alone}: begun, they take the place of the plan."
    return f"{alone}; {key_of('rotate', keymap)} a whole plan, whose first steps set them."


def _naked(picture: Picture) -> list[PositionLine]:
    return [row for row in picture.positions if row.position.stop_price is None]


def _late(picture: Picture) -> list[PositionLine]:
    return [row for row in picture.positions if row.late_stop]


def _names(rows: list[PositionLine], picture: Picture) -> str:
    """short ETH; with its account where there are several."""
    accounts = short_names(picture.accounts)
    several = len(accounts) > 1
    return ", ".join(
        f"{row.position.side.value} {row.position.asset}" + (f" in {accounts.get(row.account, row.account)}" if several else "")
        for row in rows
    )
