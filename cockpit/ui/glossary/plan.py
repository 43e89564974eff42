"""Figures of a plan: what is asked for, its path, its rules and its costs."""

from cockpit.ui.glossary.figure import Figure

PLANNER = "the planner; definition in the README"
LIMITS = "the risk settings (limits), which the user can edit"
STRATEGY = "the strategy's TOML file"

ASKED: dict[str, Figure] = {
    "plan.mode": Figure(
        "mode",
        "The way there: spot trades the holdings, overlay opens perpetuals and leaves the holdings, blend does both.",
        "",
        STRATEGY,
    ),
    "plan.hedge_ratio": Figure(
        "hedge ratio",
        "How much of a sector's spot shorts may protect: 0.25 hedges a quarter, so that a fall costs a quarter less and a rise "
        "brings a quarter less.",
        "short notional / spot value of the sector",
        f"{STRATEGY}; Hull, Options, Futures and Other Derivatives, hedge ratio",
    ),
    "plan.leverage": Figure(
        "leverage",
        "Of the positions that the plan opens. It sets the margin and with it the distance of liquidation, never the PnL.",
        "notional / margin",
        f"{STRATEGY}, else leverage_default of {LIMITS}",
    ),
    "plan.tokens": Figure(
        "tokens",
        "Which assets carry the change of their sector: those named, else those held, else the sector's first.",
        "",
        STRATEGY,
    ),
    "plan.tranche": Figure(
        "tranche",
        "How much of the way to the target this plan goes. Each tranche is a plan of its own that ends in a valid book.",
        "part of (target − present), in percent",
        PLANNER,
    ),
}

PATH: dict[str, Figure] = {
    "plan.step": Figure("step", "The number of a transfer or an order; 0 is the book as it is now.", "", PLANNER),
    "plan.steps": Figure("steps", "Transfers and orders of the plan, each confirmed by itself.", "", PLANNER),
    "plan.order": Figure(
        "step", "What the step does: a transfer in quote units, or an order with its quantity in base units.", "", PLANNER
    ),
    "plan.rules": Figure(
        "rules that hold", "How many rules hold after every step of the plan, the start included.", "", "the limits (limits.toml)"
    ),
    "plan.limit_price": Figure(
        "at", "The limit that the order will carry: it fills at this price or better.", "", "the walk through the order book"
    ),
    "plan.fee": Figure(
        "fee", "The fee of one order, in quote units.", "expected price × quantity × fee rate", "the fees of the risk settings"
    ),
    "plan.filled": Figure("filled", "How much of the step has filled, in base units.", "", "fills read from the venue"),
    "plan.average": Figure(
        "at", "The price that the fills made.", "sum of price × quantity / sum of quantity", "fills read from the venue"
    ),
    "plan.worst": Figure(
        "tightest rule",
        "Of the rules that the whole book wears along the path the one that comes nearest to its limit, and after which step.",
        "the least headroom of all prefixes of the plan",
        PLANNER,
    ),
    "plan.headroom": Figure(
        "headroom",
        "How far a rule stays from its limit, as a part of the limit: 0 % stands at it, below is beyond it.",
        "(value − limit) / limit for a least, (limit − value) / limit for a most",
        PLANNER,
    ),
    "plan.miss": Figure(
        "misses target by",
        "How far the sectors end from their targets, in points of the base: what lots, fees and skipped changes leave.",
        "half the sum of |end weight − target weight|",
        PLANNER,
    ),
    "plan.skipped": Figure(
        "skipped",
        "What the target asks for and the plan leaves, in quote units, with the reason; of a plan of stops alone, the margin "
        "without which a position gets none.",
        "target − what the plan trades",
        PLANNER,
    ),
}

COSTS: dict[str, Figure] = {
    "plan.turnover": Figure(
        "turnover",
        "How much is traded: the notional of every order, bought and sold added up. Transfers are none.",
        "sum of notional over the orders",
        PLANNER,
    ),
    "plan.fees": Figure(
        "fees", "Taker fees of every order of the plan.", "sum of notional × fee rate", "the fees of the risk settings"
    ),
    "plan.slippage": Figure(
        "slippage",
        "What the expected fills cost against mark.",
        "sum of |volume-weighted price − mark| × quantity",
        "the walk through the order book, level by level",
    ),
    "plan.funding_day": Figure(
        "funding a day",
        "By how much the plan changes what the book receives (+) or pays (−) a day at the present rates.",
        "− sum of side × quantity × mark × rate × 24 / interval in hours, end less start",
        "the venue's funding, simple, in its own interval",
    ),
    "plan.break_even": Figure(
        "break-even",
        "For how many days perpetuals are cheaper than spot: what they save in fees, spent on funding. None where funding is "
        "received or no perpetual opens.",
        "2 × (spot fee − perp fee) × notional opened / funding paid a day",
        "comparison of a round trip by spot and by perpetuals; definition in the README",
    ),
}


def _rule(name: str, meaning: str, formula: str, source: str = LIMITS) -> Figure:
    return Figure(name, f"{meaning} Beside it the limit, and the step after which the way is at its worst.", formula, source)


RULES: dict[str, Figure] = {
    "rule.free_reserve_min": _rule("free reserve", "Cash that stays to defend positions with.", "cash / NAV"),
    "rule.futures_capital_max": _rule(
        "futures capital",
        "What lies in futures wallets, margin included: the most that futures can lose.",
        "futures wallets / NAV",
    ),
    "rule.gross_notional_max": _rule(
        "gross futures", "All perpetuals, longs and shorts added up without sign.", "sum of |quantity × mark| / NAV"
    ),
    "rule.gross_notional_warn": _rule(
        "gross futures, guide", "As gross futures, from where on it is warned of.", "sum of |quantity × mark| / NAV"
    ),
    "rule.order_notional_max": _rule("largest order", "Larger ones are split.", "notional of one order / NAV"),
    "rule.leverage_max": _rule("leverage", "Of the position with the highest.", "notional at entry / margin"),
    "rule.hedge_ratio_max": _rule(
        "hedge ratio",
        "Of the sector with the highest. Above 1 the shorts are more than what they protect.",
        "short notional / spot value",
    ),
    "rule.hedge_ratio_guideline": _rule(
        "hedge ratio, guide", "As the hedge ratio, from where on it is warned of.", "short notional / spot value"
    ),
    "rule.stop_distance_l1": _rule("stop distance L1", "How far an L1 stop stands from entry.", "|entry − stop| / entry"),
    "rule.stop_distance_defi": _rule("stop distance DeFi", "How far a DeFi stop stands from entry.", "|entry − stop| / entry"),
    "rule.stop_liquidation_ratio_max": _rule(
        "stop / liquidation",
        "How much of the way to liquidation the stop lets the price go: the stop has to come first.",
        "|entry − stop| / |entry − liquidation|",
    ),
    "rule.shock_l1": _rule(
        "liquidation gap L1",
        "The adverse move that every L1 position survives on its own margin; – without a position.",
        "|liquidation price / mark − 1|, the least",
    ),
    "rule.shock_defi": _rule(
        "liquidation gap DeFi",
        "The adverse move that every DeFi position survives on its own margin; – without a position.",
        "|liquidation price / mark − 1|, the least",
    ),
    "rule.corridor_tolerance": _rule(
        "detour from the way",
        "The corridor: how far a sector may leave the straight way between its start and its target.",
        "distance of its net exposure from [start, target] / NAV",
    ),
    "rule.collar_l1": _rule("limit from mark L1", "How far an L1 order's limit stands from mark.", "|limit / mark − 1|"),
    "rule.collar_defi": _rule("limit from mark DeFi", "How far a DeFi order's limit stands from mark.", "|limit / mark − 1|"),
    "rule.slippage_max_bps": _rule(
        "slippage",
        "Of the order that slips most, in basis points.",
        "10,000 × (volume-weighted price / mark − 1), worse is positive",
    ),
    "rule.quote_age_max_s": _rule("quote age", "Of the oldest quote that an order rests on.", "now − time of the quote"),
    "rule.funding_warn": _rule(
        "funding, guide",
        "What the position that pays most pays per 8 hours, from where on it is warned of.",
        "side × rate × 8 / interval in hours",
    ),
}

FIGURES: dict[str, Figure] = {**ASKED, **PATH, **COSTS, **RULES}
