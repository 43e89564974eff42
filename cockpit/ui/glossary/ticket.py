"""Figures of the order ticket, of what became of a step, and of a plan's end."""

from cockpit.ui.glossary.figure import Figure

PLAN = "the plan; its file has the exact number"
VENUE = "the fills that the venue reported"
LIMITS = "the limits and fees of the risk settings"

FIGURES: dict[str, Figure] = {
    # What is sent
    "ticket.step": Figure(
        "step", "The step's place in the plan. Steps go in their order, each with its own confirmation.", "", PLAN
    ),
    "ticket.order": Figure(
        "order",
        "What is sent, to the last digit: quantity in base units and the limit price; a transfer moves quote units.",
        "",
        PLAN,
    ),
    "ticket.limit": Figure(
        "limit",
        "The price of the order: it fills there or better; what does not fill at once is cancelled.",
        "the worse of the last level that the order reaches and mark moved by slippage_max_bps, on a price step",
        "the walk through the order book",
    ),
    "ticket.expected": Figure(
        "expected",
        "The average price at which the order book fills the order: that of now on a ticket, that of the plan in its summary.",
        "sum of price × size over the levels reached / quantity",
        "the walk through the order book",
    ),
    "ticket.notional": Figure("notional", "What the order is worth, in quote units.", "quantity × expected price", PLAN),
    "ticket.fee": Figure("fee", "What the venue takes for the expected fill.", "notional × taker fee", LIMITS),
    # The worst case
    "ticket.worst": Figure(
        "worst case",
        "What this step loses against NAV as it stands if its stop is hit, or if what it buys falls by its sector's shock.",
        "move + fees + slippage",
        LIMITS,
    ),
    "ticket.worst_share": Figure("worst case of NAV", "The worst case over the whole book's value.", "worst case / NAV", LIMITS),
    "ticket.worst_move": Figure(
        "move",
        "From the order's limit, its worst fill, to the stop, or to mark less the sector's shock.",
        "quantity × |limit − stop|, or quantity × (limit − mark × (1 − shock))",
        LIMITS,
    ),
    "ticket.worst_fees": Figure(
        "fees",
        "Of the order and of the closing order; a spot purchase has only its own.",
        "quantity × (limit + closing price) × taker fee",
        LIMITS,
    ),
    "ticket.worst_slippage": Figure(
        "slippage at the stop",
        "What the closing order fills beyond the stop; the order book may be thinner then, so the larger of both is taken.",
        "quantity × stop × max(slippage_max_bps, walk through the order book of now) / 10,000",
        LIMITS,
    ),
    "ticket.worst_whole": Figure(
        "whole position",
        "The loss of the position with what was held before: its stop covers all of it.",
        "this step's loss + held quantity × (|mark − stop| + slippage + fee)",
        LIMITS,
    ),
    "ticket.rules": Figure(
        "rules",
        "How many hard rules hold, are repaired or break, and how many soft ones warn, from now to the end of the plan.",
        "",
        "the checks of the steps that are left, at present prices",
    ),
    # What became of it
    "ticket.filled": Figure("filled", "How much of the step its orders have filled, over every attempt.", "sum of fills", VENUE),
    "ticket.average": Figure("filled at", "The average price of the fills.", "sum of price × quantity / sum of quantity", VENUE),
    "ticket.fee_paid": Figure("fee paid", "What the venue took.", "sum of the fills' fees", VENUE),
    "ticket.slippage_planned": Figure(
        "slippage planned",
        "How much worse than mark the order book would have filled, when the plan was made; for what was done: its filled part.",
        "(expected price − mark) × quantity, with the sign of a sale turned round",
        PLAN,
    ),
    "ticket.slippage_paid": Figure(
        "slippage paid",
        "How much worse than mark when the plan was made the fills were; the market's own move since then is in it.",
        "(average price − mark when planned) × filled, with the sign of a sale turned round",
        VENUE,
    ),
    "ticket.funding_planned": Figure(
        "funding planned",
        "By how much the plan changes the funding of a day at the rates of then; received has a plus.",
        "−signed notional × rate a day, summed over positions, end less start",
        PLAN,
    ),
    "ticket.funding_since": Figure(
        "funding since",
        "What the perpetuals that the plan trades received or paid since it was begun.",
        "sum of the journal's funding events",
        "the journal",
    ),
    "ticket.steps_done": Figure("steps", "How many steps were carried out whole, skipped, or not done.", "", "the journal"),
    # Ways out
    "ticket.way_cost": Figure(
        "cost of a way", "Fees and slippage of all its steps at present prices, in quote units.", "fees + slippage", PLAN
    ),
    "ticket.way_back_fee": Figure("fees of the way back", "Taker fees of its orders.", "sum of notional × taker fee", LIMITS),
    "ticket.way_back_slippage": Figure(
        "slippage of the way back",
        "Expected fills against mark in the order book of now.",
        "(expected price − mark) × quantity",
        "the walk through the order book",
    ),
    "ticket.way_back_funding_per_day": Figure(
        "funding of the way back",
        "By how much it changes the funding of a day; received has a plus.",
        "−signed notional × rate a day, summed over positions, end less start",
        "the venue's funding rates",
    ),
}
