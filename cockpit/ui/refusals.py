"""Why a rule refuses: what it protects from, and what the trader can do now, with the key for it."""

from string import Formatter
from typing import NamedTuple

from cockpit.ui.keys import Keymap, key_of
from cockpit.ui.lines import Line, line, wrapped


class Advice(NamedTuple):
    """`protects`: from what the rule protects. `now`: what to do; keys stand as {action}, the id without its "ticket."."""

    protects: str
    now: str


OTHERWISE = Advice(
    "Something did not fit, and in doubt nothing is sent.",
    "{requote} looks at the step anew; {stop} shows the ways to stop here.",
)
_SMALLER = "{stop} stops here; then a smaller tranche, hedge ratio or leverage in the rotation makes a plan that fits."
_REQUOTE = "{requote} prices the step anew; what no longer fits becomes a plan of its own, with its own tickets."
_FUNDS = "A step before it was skipped or filled for less. {stop} stops here; a new plan brings its own transfers."

ADVICE: dict[str, Advice] = {
    # The confirmation: this plan, this step, this book
    "plan": Advice(
        "Steps of a plan that has ended, was edited or was replaced are never sent: they belong to another decision.",
        "{cancel} goes back; the rotation shows the plan that holds now.",
    ),
    "sequence": Advice(
        "Steps go in their order, because each leans on the book that the one before leaves.",
        "Finish or skip the earlier step first; one that is on its way is looked up until it is known.",
    ),
    "duplicate": Advice(
        "An order is sent once: what was sent already is not sent again, whatever became of it.",
        "{cancel} goes back; the journal says what became of the first one.",
    ),
    "stale": Advice("A step is sent only on the book and the market that were shown.", _REQUOTE),
    "refused": Advice(
        "The executor checks every rule once more in the transaction that notes the order; one of them did not hold.", _REQUOTE
    ),
    "book": Advice(
        "A plan is carried out only on the portfolio that it was made for.",
        "{cancel} goes back; open the other portfolio, or make a plan for this one.",
    ),
    "account": Advice(
        "An order goes to the account that the plan names and to no other.", "{skip} leaves the step out; make a new plan."
    ),
    "watched": Advice(
        "The key of this account can read and not trade; what is done there is done at the venue, and seen here.",
        "{skip} leaves the step out, or {stop} stops here; the exported plan says what to place at the venue.",
    ),
    "revision": Advice(
        "The book changed after the ticket was shown: what was read is not what would happen.",
        "{requote} shows the step on the book as it is now.",
    ),
    "positions": Advice(
        "The venue's account is not what the book says. Until both agree every margin figure may be wrong.",
        "Wait for the next look at the venue; if it stays, halt with {halt} and compare the account at the venue.",
    ),
    "open_orders": Advice(
        "An order of this symbol is still open at the venue; a second one could fill on top of it.",
        "Wait until it is filled or cancelled, then {requote}.",
    ),
    # When nothing new may be risked
    "executor": Advice(
        "A confirmation counts for seconds: what nobody can send now must not go out later, on prices that you no longer see.",
        "Let the other process go on, or end it; a new ticket comes here as soon as somebody can send it.",
    ),
    "halt": Advice(
        "You halted: no order that adds risk goes out; stops, and what only reduces, still do.",
        "{resume} resumes; until then reducing steps and stops can be confirmed.",
    ),
    "unprotected": Advice(
        "A position without a confirmed stop comes first: no new risk before the venue shows its stop.",
        "Wait: the stop is tried again within seconds, and the position is closed if that fails.",
    ),
    "trading_state": Advice(
        "The day's loss has reached its limit: a bad day must not become a ruinous one.",
        "Only what reduces risk can be confirmed until 00:00 UTC; {stop} shows the ways to stop here.",
    ),
    "cooldown_hours": Advice(
        "After a stop-out the asset rests, so that a whipsaw is not paid for twice.",
        "{skip} leaves this step out; plan it again when the time has passed.",
    ),
    "phase": Advice(
        "Without enough evidence no phase is named, and without a phase no new risk is taken.",
        "Name a strategy yourself in the rotation, or wait for the missing data.",
    ),
    # Prices and their age
    "price_band": Advice(
        "The market moved since the plan was made: fills, margin and stops would not be those that were shown.", _REQUOTE
    ),
    "quote_age_max_s": Advice(
        "An old quote may be far from the market; nothing is priced on it.",
        "Wait for fresh quotes (the header counts their age), then {requote}.",
    ),
    "plan_age_max_s": Advice("What was read too long ago is no longer what would be sent.", "{requote} prices the step anew."),
    "limit_price": Advice(
        "The order book would fill the order only beyond the limit that you saw, so it would not fill or fill in part.", _REQUOTE
    ),
    "slippage_max_bps": Advice(
        "The order book is too thin: the fill would be worse than the rule allows.",
        "Wait for more depth and {requote}, or {skip} and make a plan of smaller orders.",
    ),
    "collar_l1": Advice(
        "A limit price far from mark is how a typing error or a broken feed becomes a loss.",
        "{requote} sets a limit near the present mark.",
    ),
    "collar_defi": Advice(
        "A limit price far from mark is how a typing error or a broken feed becomes a loss.",
        "{requote} sets a limit near the present mark.",
    ),
    "market": Advice(
        "The symbol is not traded here, has no fresh quote, or its order book shows too little.",
        "Wait for the market and {requote}, or {skip} leaves this step out.",
    ),
    # The order itself
    "funds": Advice("The wallet does not hold what the step needs; the venue would reject it or fill it in part.", _FUNDS),
    "filters": Advice(
        "Price, quantity or size does not fit the venue's steps and minimum; it would be rejected.", "{requote} rounds it anew."
    ),
    "reduce_only": Advice(
        "A reducing order never opens a position: there is less to reduce than the step says.",
        "{skip} leaves it out; the position is smaller or gone already.",
    ),
    "one_way": Advice(
        "One position a symbol: an order may not flip it from long to short.",
        "{skip} leaves it out; a new plan closes the present position first.",
    ),
    "order_notional_max": Advice("One order may not be a large part of the book: a single mistake stays small.", _SMALLER),
    "dust": Advice("What is left is smaller than the smallest order worth its fee.", "{skip} leaves it out."),
    # The book's own rules
    "free_reserve_min": Advice(
        "The free reserve is what margin is topped up from when prices gap; without it positions are lost.", _SMALLER
    ),
    "futures_capital_max": Advice("What lies in the futures wallets can be lost to them; the rest of the book cannot.", _SMALLER),
    "gross_notional_max": Advice("Longs and shorts added are what a market without liquidity can take.", _SMALLER),
    "gross_notional_warn": Advice(
        "Much notional needs a liquid market to be closed in.", "A warning: the step can be confirmed."
    ),
    "leverage_max": Advice("High leverage puts liquidation within a day's move.", _SMALLER),
    "hedge_ratio_max": Advice("Shorts beyond the spot behind them are no hedge but a bet on a fall.", _SMALLER),
    "hedge_ratio_guideline": Advice(
        "The more is hedged, the less a rise helps.",
        "A warning: the step can be confirmed; the hedge ratio is set in the rotation.",
    ),
    "funding_warn": Advice(
        "A position that pays much funding loses while nothing happens.",
        "A warning: the step can be confirmed; compare the spot way.",
    ),
    "stop_distance_l1": Advice(
        "The stop limits the loss of one L1 position; without one, or too far away, it does not.", _REQUOTE
    ),
    "stop_distance_defi": Advice(
        "The stop limits the loss of one DeFi position; without one, or too far away, it does not.", _REQUOTE
    ),
    "stop_liquidation_ratio_max": Advice("The stop must be hit well before liquidation, which takes the whole margin.", _SMALLER),
    "shock_l1": Advice("An L1 position must survive the sector's usual crash without liquidation.", _SMALLER),
    "shock_defi": Advice("A DeFi position must survive the sector's usual crash without liquidation.", _SMALLER),
    "corridor_tolerance": Advice(
        "Between start and target no sector may swing outside of the way: an interrupted plan must not leave a detour behind.",
        "{stop} stops here; a new plan from the present book finds its own way.",
    ),
}
"""Every rule that can refuse or warn, by its name."""

_IDS = {
    "requote": "ticket.requote",
    "skip": "ticket.skip",
    "stop": "ticket.stop",
    "cancel": "ticket.cancel",
    "halt": "halt",
    "resume": "resume",
}


def advice(rule: str, keymap: Keymap) -> Advice:
    """What a rule protects from and what to do now, the keys filled in."""
    found = ADVICE.get(rule, OTHERWISE)
    return Advice(found.protects, _filled(found.now, keymap))


def explained(rule: str, width: int, keymap: Keymap, indent: str = "") -> list[Line]:
    """The advice as lines."""
    found = advice(rule, keymap)
    return [
        *wrapped(f"Why: {found.protects}", width, "dim", indent=indent),
        *(line((row[0].text, "strong")) for row in wrapped(f"Now: {found.now}", width, indent=indent)),
    ]


def keys_now(keymap: Keymap) -> str:
    """The ways on from a refusal, in a sentence."""
    return _filled("{requote} shows this step again at present prices; {skip} leaves it out; {stop} stops here.", keymap)


def _filled(text: str, keymap: Keymap) -> str:
    named = {name for _, name, _, _ in Formatter().parse(text) if name}
    return text.format(**{name: key_of(_IDS[name], keymap) for name in named})
