"""Figures of the signals: every indicator, what a heatmap's cell says of it, and the rotation map."""

from cockpit.ui.glossary.figure import Figure

ENGINE = "own; the numbers in force stand below the heatmap"
ROTATION = "own; quadrants as in relative rotation graphs (J. de Kempenaer), whose formulas are not public"
WILDER = "J. W. Wilder, New Concepts in Technical Trading Systems (1978)"
ROBUST = "robust z-score: B. Iglewicz, D. Hoaglin, How to Detect and Handle Outliers (1993)"
TREND = "100 + (fast EMA − slow EMA of ln ratio) / its usual size"
RSI = "100 × gain / (gain + loss), averages in Wilder's smoothing"
FUNDING = "mean of the prints' rates per 8 hours, by the hours that each covers"

FIGURES: dict[str, Figure] = {
    # What a cell says
    "signals.score": Figure(
        "score",
        "What a reading says from −1 (against) over 0 (nothing) to +1 (for); of funding and RSI only too much counts.",
        "(reading − neutral) / (full − neutral), cut at ±1",
        ENGINE,
    ),
    "signals.quality": Figure(
        "quality",
        "How far a reading is trusted, 0 to 1: it falls with age and where data had to be estimated; at 0 it weighs nothing.",
        "grade of the data × (1 while fresh, down to 0 at three times the age at which it is stale)",
        ENGINE,
    ),
    "signals.age": Figure(
        "age",
        "How long ago the newest observation behind the reading was made.",
        "now − time of observation",
        "the market's feed",
    ),
    # The indicators
    "indicator.strength": Figure(
        "strength",
        "Whether a subject rises faster (over 100) or slower than the benchmark. Its score leaves momentum out.",
        TREND,
        ROTATION,
    ),
    "indicator.momentum": Figure(
        "momentum",
        "Whether the strength itself grows (over 100) or fades.",
        "100 + change of the trend over some days / its usual size",
        ROTATION,
    ),
    "indicator.l1_rs": Figure(
        "L1/BTC rotation",
        "Whether L1s rise faster (over 100) or slower than Bitcoin. Its score counts momentum too.",
        TREND,
        ROTATION,
    ),
    "indicator.defi_rs": Figure(
        "DeFi/BTC rotation",
        "Whether DeFi rises faster (over 100) or slower than Bitcoin. Its score counts momentum too.",
        TREND,
        ROTATION,
    ),
    "indicator.rot_rs": Figure(
        "DeFi/L1 rotation",
        "Whether capital rotates into DeFi (over 100) or back into L1s. Its score counts momentum too.",
        TREND,
        ROTATION,
    ),
    "indicator.trend": Figure(
        "market against its mean",
        "How far L1 and DeFi together stand above or below their own average.",
        "index / simple mean of its last closes − 1",
        ENGINE,
    ),
    "indicator.drawdown": Figure(
        "market below its high",
        "How far L1 and DeFi together have fallen from their highest close.",
        "index / the highest close of its window − 1",
        ENGINE,
    ),
    "indicator.tvl_acc": Figure(
        "DeFi TVL growth",
        "How fast the value locked in DeFi grows, with the prices of the tokens taken out.",
        "exp(30 × slope of ln TVL a day over a short window) − 1",
        ROBUST,
    ),
    "indicator.tvl_30d": Figure(
        "TVL 30d",
        "How fast the value locked grows over a month, with the prices of the tokens taken out; shown, not scored.",
        "exp(30 × slope of ln TVL a day over a long window) − 1",
        "least squares; TVL as DefiLlama counts it",
    ),
    "indicator.activity": Figure(
        "network activity",
        "How busy the networks are against their own last months.",
        "mean robust z of fees, transactions, gas",
        ROBUST,
    ),
    "indicator.funding": Figure(
        "funding", "What longs pay shorts (above 0) over the last days: high is crowded.", FUNDING, "the perpetuals' venues"
    ),
    "indicator.fund_defi": Figure(
        "DeFi funding",
        "What DeFi longs pay shorts (above 0) over the last days: high is crowded.",
        FUNDING,
        "the perpetuals' venues",
    ),
    "indicator.fund_l1": Figure(
        "L1 funding", "What L1 longs pay shorts (above 0) over the last days: high is crowded.", FUNDING, "the perpetuals' venues"
    ),
    "indicator.rsi": Figure("RSI", "How one-sided the last closes were: high is overbought, low oversold.", RSI, WILDER),
    "indicator.heat": Figure("DeFi RSI", "How one-sided DeFi's last closes were: high is overbought.", RSI, WILDER),
    "indicator.divergence": Figure(
        "price/RSI divergence",
        "Below 0 where price made a higher high that the RSI did not follow, above 0 the other way round; it fades.",
        "−1 or +1 × 0.5 ^ (days since / half-life), added up",
        WILDER,
    ),
    "indicator.div": Figure(
        "DeFi price/RSI divergence",
        "Below 0 where DeFi made a higher high that its RSI did not follow, above 0 the other way round; it fades.",
        "−1 or +1 × 0.5 ^ (days since / half-life), added up",
        WILDER,
    ),
    "indicator.dominance": Figure(
        "dominance",
        "The sector's share of the market.",
        "capitalisation of the sector / of all assets without stablecoins",
        ENGINE,
    ),
    "indicator.breadth": Figure(
        "breadth against ETH",
        "How many DeFi tokens beat ETH over the window.",
        "tokens that gained more than ETH / tokens compared",
        ENGINE,
    ),
    "indicator.compared": Figure(
        "tokens compared",
        "How many DeFi tokens breadth is counted over.",
        "tokens with a price now and at the window's start",
        ENGINE,
    ),
    "indicator.sentiment": Figure(
        "fear and greed",
        "The market's mood: 0 is extreme fear, 100 extreme greed; shown, not scored.",
        "",
        "its publisher's index",
    ),
    # The map
    "map.strength": Figure("strength", "The map's way to the right: over 100 the subject beats the benchmark.", TREND, ROTATION),
    "map.momentum": Figure(
        "momentum",
        "The map's way up: over 100 the lead grows.",
        "100 + change of the trend over some days / its usual size",
        ROTATION,
    ),
    "map.quadrant": Figure(
        "quadrant",
        "Leading (strong, gaining), weakening (strong, losing), lagging (weak, losing), improving (weak, gaining): "
        "subjects usually go round in this order. Arrows: where the last three days led.",
        "strength and momentum at 100 or above, or below",
        ROTATION,
    ),
}
