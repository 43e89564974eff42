"""Figures of the book: exposure, positions, wallets, what an asset puts at risk."""

from cockpit.ui.glossary.figure import Figure

OWN = "the book in the store at the feed's quotes; definition in the README"
RISK = "the limits of the risk settings"

FIGURES: dict[str, Figure] = {
    # The whole book
    "book.nav": Figure(
        "NAV",
        "Net asset value: what the whole book is worth now, in quote units. Notional is no part of it.",
        "spot (stablecoins included) + futures wallets + unrealised PnL",
        OWN,
    ),
    "book.base": Figure(
        "base",
        "What the targets are fractions of: the part of the book that takes part in the rotation.",
        "NAV − excluded, BENCHMARK and UNCLASSIFIED assets",
        OWN,
    ),
    "book.cash": Figure(
        "cash", "All stablecoins in the spot wallets, at value.", "sum of quantity × price over stablecoins", OWN
    ),
    "book.futures_wallet": Figure(
        "futures wallet",
        "The whole collateral for perpetuals: its free part and the margin of open positions, without unrealised PnL.",
        "free part + margin",
        "the accounts of the book",
    ),
    "book.margin": Figure(
        "margin",
        "What the open positions hold back as isolated collateral; a position can lose no more than its own.",
        "quantity × entry price / leverage, added up where a position grew",
        "initial margin as Binance states it (IM = quantity × entry × 1 / leverage)",
    ),
    "book.free_reserve": Figure(
        "free reserve",
        "Cash that no plan may spend below its limit: it tops up margin when prices gap.",
        "cash / NAV",
        f"definition in the README; limit free_reserve_min of {RISK}",
    ),
    "book.gross_futures": Figure(
        "gross futures",
        "How large all perpetuals are, long and short added up without their signs, in percent of NAV.",
        "sum of |quantity × mark| / NAV",
        f"definition in the README; limit gross_notional_max of {RISK}",
    ),
    "book.futures_leverage": Figure(
        "futures leverage",
        "How often the equity behind the perpetuals stands in the market.",
        "sum of |quantity × mark| / (futures wallets + unrealised PnL)",
        "leverage as total notional over portfolio value (docs.vest.exchange)",
    ),
    "book.unrealised_pnl": Figure(
        "unrealised PnL",
        "What the open perpetuals have gained (+) or lost (−) since entry at mark; fees and funding are not in it.",
        "side × quantity × (mark − entry), side +1 long, −1 short",
        "Binance, guide to futures: position size × direction × (mark − entry)",
    ),
    "book.quote_age": Figure(
        "age of prices",
        "How old the oldest quote behind these values is, or its time.",
        "now − time of the quote",
        "the market feed",
    ),
    "book.holdings": Figure(
        "holdings", "How many rows there are: an asset in an account, spot and perpetual together.", "", "the book in the store"
    ),
    # A row of the positions
    "book.spot": Figure("spot", "What is owned outright, at value.", "quantity × spot price", OWN),
    "book.perp": Figure(
        "perp",
        "Notional of the perpetual at mark with its sign: + is long, − is short.",
        "side × quantity × mark",
        OWN,
    ),
    "book.net": Figure(
        "net",
        "Spot and perpetual as one: what moves with the price. STABLE's net is what remains of NAV after the others.",
        "spot + signed perpetual notional",
        OWN,
    ),
    "book.weight": Figure(
        "weight", "The share of the base that moves with this row; the sectors' weights add up to 100 %.", "net / base", OWN
    ),
    "book.target": Figure(
        "target",
        "The weight that the strategy of the present phase asks of this sector.",
        "",
        "the strategy's TOML file, chosen by the phase",
    ),
    "book.drift": Figure(
        "drift",
        "How far the weight is from its target. Brackets are the drift band, │ the target, █ the weight; ◂ and ▸ mean far "
        "outside. Inside the band nothing is traded.",
        "weight − target, inside where |weight − target| ≤ band",
        "5/25 rule: the smaller of 5 points and 25 % of the target (risk settings)",
    ),
    "book.band": Figure(
        "drift band",
        "The room around a target within which nothing is traded, on either side, in percent of the base.",
        "the smaller of an absolute width and a share of the target",
        "5/25 rule (risk settings)",
    ),
    "book.to_move": Figure(
        "to move",
        "What would have to change hands so that every sector stands on its target.",
        "half the sum of |target − weight| × base; for one sector target − weight",
        "turnover as half the sum of all weight changes",
    ),
    "book.funding_day": Figure(
        "funding a day",
        "What the perpetual receives or pays in a day at the present rate. When the rate is positive longs pay shorts.",
        "− side × quantity × mark × rate × 24 / interval in hours",
        "funding of the venue, simple, in its own interval",
    ),
    "book.liquidation": Figure(
        "liquidation price",
        "The mark price at which the venue closes the position and its margin is lost; none where no price does that, unknown "
        "where the margin tiers of the perpetual are not known. In cross margin it hangs on the whole wallet: it is then the "
        "price that the watched venue tells, unknown where it tells none.",
        "(margin + cum − side × quantity × entry) / (quantity × mmr − side × quantity), in the tier that holds there",
        "Binance liquidation formula, one-way mode, isolated, with tiered maintenance margin",
    ),
    "book.liquidation_distance": Figure(
        "liquidation away",
        "How far mark has to move until liquidation: + upward (a short's danger), − downward (a long's).",
        "liquidation price / mark − 1",
        OWN,
    ),
    "book.stop": Figure(
        "stop",
        "The mark price at which the resting reduce-only stop closes the position.",
        "",
        f"the stop order at the venue; its distance is set by {RISK}",
    ),
    "book.stop_distance": Figure(
        "stop away",
        "How far mark has to move until the stop fires: + upward, − downward. NO STOP is an alarm: nothing limits the loss. "
        "TOO LATE is one too: the liquidation comes before the stop.",
        "stop price / mark − 1",
        OWN,
    ),
    "book.age": Figure(
        "age",
        "How long the position has been open; unknown where the book was brought without it.",
        "now − opened at",
        "the store",
    ),
    "book.account": Figure("account", "The account at a venue that holds it.", "", "the portfolio file"),
    "book.quantity": Figure("quantity", "Base units: coins or tokens of the perpetual, in lots.", "", "the book in the store"),
    "book.spot_quantity": Figure("coins", "Base units in the spot wallet.", "", "the book in the store"),
    "book.price": Figure(
        "price",
        "The spot price in quote units, on its tick. Coins that no venue lists have none: they count as 0 and are never traded.",
        "",
        "the market feed",
    ),
    "book.entry": Figure(
        "entry",
        "The average price at which the position was opened; reducing it changes nothing here.",
        "sum of quantity × price / sum of quantity over what was added",
        "average entry as Bybit and Binance state it",
    ),
    "book.mark": Figure(
        "mark",
        "The price that the venue values positions by and on which stops and liquidations fire.",
        "",
        "mark price of the market feed",
    ),
    "book.leverage": Figure(
        "leverage", "Notional at entry over the position's own margin.", "quantity × entry / margin", "isolated margin"
    ),
    # What the drawer adds
    "book.shock_loss": Figure(
        "loss by the shock",
        "What spot and perpetual of the asset lose together when it moves by its sector's shock against them.",
        "|net| × shock, a perpetual no more than its margin",
        f"shock_l1 and shock_defi of {RISK}",
    ),
    "book.risk_share": Figure(
        "share of risk",
        "How much of the whole book's loss this asset would carry if every asset fell by its own shock.",
        "loss of the asset / loss of the book",
        f"shocks of {RISK}",
    ),
    "book.stop_loss": Figure(
        "loss at the stop",
        "What the asset's perpetuals lose when their stops are hit, slippage and the closing fee in.",
        "quantity × |stop − mark| + slippage + fee, at the limit slippage_max_bps",
        "the stops that rest at the venue",
    ),
    "book.sector_share": Figure(
        "share of the sector",
        "Which part of the sector's net this row is. What takes away from the net has a share below zero; all sum to 100.",
        "net of the row / net of the sector",
        OWN,
    ),
    "book.close": Figure("close", "The last daily close of the history, in quote units.", "", "the market's history"),
    "book.filled": Figure("filled", "How much of an order was executed, in base units.", "sum of its fills", "the venue's fills"),
    "book.order_price": Figure("order price", "The limit that was sent, or the price at which a stop fires.", "", "our orders"),
    "book.fill_price": Figure("fill price", "The price of one execution.", "", "the venue's fills"),
    "book.fee": Figure(
        "fee", "What the venue took for a fill, in quote units.", "price × quantity × fee rate", "the venue's fills"
    ),
    "book.steps": Figure("steps", "How many steps of the plan are over, of how many.", "", "the plan in execution"),
}
