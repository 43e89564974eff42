"""Figures of where the numbers come from: sources, quotes and accounts at venues, and what a venue says of a perpetual."""

from cockpit.ui.glossary.figure import Figure

METER = "what the source answered to this cockpit"

FIGURES: dict[str, Figure] = {
    "header.fall_back": Figure(
        "FOR, FALL-BACK",
        "A source gives numbers in the place of the first choice, which does not answer; +1 says that one more does. The list of "
        "the sources says which ones and why.",
        "",
        METER,
    ),
    "header.offline": Figure(
        "OFFLINE",
        "No source answers, and since when: every number on the screen is that old or older, and nothing can be sent on it.",
        "",
        METER,
    ),
    "sources.state": Figure(
        "state",
        "good: it answered last. failing: its last answers could not be used; it is asked again soon. resting: it asked to be "
        "left alone, or refuses this address, and is left alone for that long. not asked: it is in reserve, or what is kept "
        "of it is of today.",
        "",
        METER,
    ),
    "sources.heard": Figure("answered", "How long ago it gave its last good answer.", "now − time of the answer", METER),
    "sources.latency": Figure(
        "latency", "How long its last good answer took, from the question to its last byte.", "", "the clock of this machine"
    ),
    "sources.left": Figure(
        "left of its limits",
        "How many more questions it allows, in its own count; – where it does not say.",
        "",
        "the headers of its answers",
    ),
    "book.account_seen": Figure(
        "read",
        "How long ago this account was read at its venue: what changed there since is not in these numbers.",
        "now − time of the last reading",
        "the venue, read with a key that cannot trade",
    ),
    "book.quote_of": Figure(
        "quote",
        "Whose price the asset is valued at, and how old it is; OLD, on the overview ! before the row, from the age on at which "
        "nothing is confirmed.",
        "now − time of the quote",
        "the venue named; simulated, recorded or pinned prices have none",
    ),
    "book.open_interest": Figure(
        "open interest",
        "The value of all open contracts of this perpetual at that venue, of all traders together.",
        "",
        "the venue's public data",
    ),
    "book.funding_rate": Figure(
        "funding",
        "What longs pay shorts (+) or get from them (−) at each interval of the venue, when the next one falls due, and the same "
        "rate over eight hours, which compares venues.",
        "rate × 8 / interval in hours",
        "the venue's public data, in its own interval",
    ),
    "book.margin_tiers": Figure(
        "margin tiers",
        "Whose table of maintenance margins the liquidation price is computed with: a venue that shows its own only to customers "
        "is computed with another's.",
        "",
        "the venue named",
    ),
}
