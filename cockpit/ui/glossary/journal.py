"""Figures of the journal: what stands beside an event."""

from cockpit.ui.glossary.figure import Figure

STORE = "the store's journal, to which events are only added"
VENUE = "the venue's answer, as it was journalled"

FIGURES: dict[str, Figure] = {
    "journal.count": Figure("events", "How many events of this book the filters leave, of all that there are.", "", STORE),
    "journal.revision": Figure(
        "rev", "The revision of the book when the event was written: every change of the book raises it by one.", "", STORE
    ),
    "journal.plan": Figure(
        "plan", "The first digits of the id of the plan that the event belongs to; the id is a hash of the plan.", "", STORE
    ),
    "journal.step": Figure("step", "The number of the plan's step that the event belongs to.", "", STORE),
    "journal.quantity": Figure("quantity", "How much was ordered or filled, in base units, every digit.", "", VENUE),
    "journal.price": Figure("price", "The limit of an order or the price of a fill, in quote units, every digit.", "", VENUE),
    "journal.fee": Figure("fee", "What the venue took for a fill, in quote units, every digit.", "", VENUE),
    "journal.amount": Figure(
        "amount", "What was moved, or the funding that was paid (below zero) or received, in quote units.", "", VENUE
    ),
    "journal.nav": Figure("nav", "The NAV of the book on which a plan was made, in quote units.", "", "the plan"),
    "journal.attempt": Figure("attempt", "How often this step was tried, this time included.", "", STORE),
    "journal.client_id": Figure(
        "client id", "The name that the cockpit gave the order: it is why an order is never sent twice.", "", STORE
    ),
    "journal.trade_id": Figure("trade id", "The venue's own name of the trade.", "", VENUE),
    "journal.shown": Figure(
        "shown",
        "A hash of the ticket that was on the screen when the step was confirmed.",
        "hash of what the ticket showed",
        STORE,
    ),
    "journal.data": Figure("data", "What was kept with the event, exactly; the export has all of it.", "", STORE),
}
