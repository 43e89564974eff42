"""What happened since a ticket was made, so that it is asked for again before it is confirmed."""

from datetime import datetime, timedelta

from cockpit.model.money import plain
from cockpit.model.picture import Picture, Ticket
from cockpit.ui.keys import Keymap, key_of
from cockpit.ui.lines import Line, wrapped


def overtaken(ticket: Ticket, made_at: datetime, picture: Picture, width: int, keymap: Keymap) -> list[Line]:
    """One sentence for each; nothing while the ticket is what would be sent. `made_at` is the time of its prices."""
    key = key_of("ticket.requote", keymap)
    rows: list[Line] = []
    if picture.revision != ticket.revision:
        change = f"revision {ticket.revision} → {picture.revision}"
        rows += wrapped(f"! The book changed since this ticket was made: {change}; {key} re-quotes it.", width, "warn")
    limit = picture.execution.plan.limits.plan_age_max_s if picture.execution is not None else None
    quote = picture.market.quotes.get(ticket.step.symbol or "") if picture.market is not None else None
    aging = quote is not None and not quote.pinned
    if aging and limit is not None and picture.now - made_at > timedelta(seconds=float(limit)):
        rows += wrapped(f"! Priced more than {plain(limit)} s ago: it would be refused; {key} re-quotes it.", width, "warn")
    return rows
