"""Figures of the what-if view: what a shock of prices does."""

from cockpit.ui.glossary.figure import Figure

SHOCK = "the book revalued at the shocked prices, positions isolated"

FIGURES: dict[str, Figure] = {
    "whatif.shock": Figure(
        "shock",
        "A move of prices at once: spot and perpetual of an asset move together, what is not named stays.",
        "",
        "chosen or typed by you",
    ),
    "whatif.nav": Figure(
        "NAV, stops fill",
        "NAV after an orderly move, in which every stop that is reached fills at its price, slippage and fee taken off.",
        "spot + futures wallets + unrealised PnL, at the shocked prices",
        SHOCK,
    ),
    "whatif.nav_gap": Figure(
        "NAV, in a gap",
        "NAV after a jump over every stop: a position beyond its liquidation loses its margin, and no more.",
        "spot + futures wallets + unrealised PnL, at the shocked prices",
        SHOCK,
    ),
    "whatif.shocked": Figure("shocked", "The mark price after the shock.", "mark × (1 + shock)", SHOCK),
    "whatif.fate": Figure(
        "what happens",
        "Whether the stop is reached and what it then loses, and whether the position is liquidated if prices jump over it.",
        "stop PnL = side × quantity × (stop price − mark) − slippage and fee, at worst − margin",
        SHOCK,
    ),
    "whatif.pnl": Figure(
        "PnL",
        "What the position gains or loses by the shock if no stop fills.",
        "side × quantity × (shocked − mark), at worst − margin",
        SHOCK,
    ),
    "whatif.rung": Figure(
        "rung",
        "The shock scaled as a whole: its largest move becomes this, all its others keep their proportion to it; ▸ is the shock "
        "itself. What it does not name stays.",
        "own move × rung / largest move",
        "the shock chosen or typed by you",
    ),
    "whatif.reach": Figure(
        "first stop, first liquidation",
        "How far the largest move of the scaled shock goes until the first stop is reached, or the first position is liquidated "
        "because no stop fills.",
        "(stop or liquidation price / mark − 1) × largest move / own move, the smallest either way",
        SHOCK,
    ),
    "whatif.change": Figure(
        "change of NAV", "What NAV changes by where every stop that is reached fills.", "NAV after / NAV before − 1", SHOCK
    ),
    "whatif.change_gap": Figure(
        "in a gap",
        "What NAV changes by where prices jump over every stop: a liquidated position loses its margin, and no more.",
        "NAV after / NAV before − 1",
        SHOCK,
    ),
    "whatif.stops": Figure("stops", "How many positions have a stop on the way that fills before liquidation.", "", SHOCK),
    "whatif.liquidations": Figure(
        "liq.",
        "How many positions would be liquidated if prices jumped over their stops.",
        "equity of the position ≤ its maintenance margin at the shocked price",
        SHOCK,
    ),
}
