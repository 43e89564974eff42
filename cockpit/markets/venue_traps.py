"""Which traps each venue has when it is asked through ccxt: what goes wrong, in a sentence, and what is done about it."""

from __future__ import annotations

from cockpit.markets.venue_terms import Trap

MARKET_COST = Trap(
    id="market-price-is-cost",
    sentence="a spot market order that carries a price is sent as an amount of USDT to spend",
    gate="a market order never carries a price",
)
CONTRACTS = Trap(
    id="contracts",
    sentence="sizes of perpetuals count contracts, not coins",
    gate="sizes are multiplied by the contract size of the listing when they come in, and divided by it when they go out",
)
TIERS_IN_CONTRACTS = Trap(
    id="tiers-in-contracts",
    sentence="the bounds of the margin tiers count contracts, although ccxt calls them notional",
    gate="bounds are multiplied by the contract size and the mark price",
)

STREAMED_FLOATS = Trap(
    id="streamed-levels-are-floats",
    sentence="ccxt turns the prices and sizes of a streamed order book into binary fractions",
    gate="they are read as the decimal numbers that the venue writes",
)

GAPS = Trap(
    id="gaps-go-unseen",
    sentence="ccxt does not look whether an update of a streamed order book is missing",
    gate="updates are counted; at a gap the book is thrown away and begun anew",
)
EDGE = Trap(
    id="streamed-books-have-an-edge",
    sentence="a streamed order book is whole only as far as its snapshot went: what rests beyond and stays is missing",
    gate="it is cut where the snapshot ended, and a new snapshot is asked for before the price comes there",
)
ONE_REFUSAL = Trap(
    id="one-refusal-fails-all",
    sentence="where it refuses to stream one order book, ccxt fails every one on the connection",
    gate="the one that is named fails alone",
)

BINANCE = (
    EDGE,
    STREAMED_FLOATS,
    Trap(
        id="no-best-price-in-tickers",
        sentence="the 24-hour tickers of its perpetuals carry no bid and no ask",
        gate="best prices are read from the book tickers, mark prices from the premium index",
    ),
    Trap(
        id="funding-intervals-are-exceptions",
        sentence="its list of funding intervals names only the perpetuals that do not pay every 8 hours",
        gate="a perpetual that the list does not name counts as one of 8 hours",
    ),
    Trap(
        id="stops-live-elsewhere",
        sentence="conditional orders of perpetuals live at an end point of their own, out of reach of plain look-ups and cancels",
        gate="they are looked up, listed and cancelled there, with trigger: true and the id as clientAlgoId",
    ),
    Trap(
        id="attached-stop-is-garbage",
        sentence="a stop that is attached to an entry of a perpetual goes out as text that no venue understands",
        gate="a stop is an order of its own",
    ),
    Trap(
        id="client-ids-come-again",
        sentence="an order id of ours is unique among open orders only, so sending twice with the same id can trade twice",
        gate="an order is looked up before it is ever sent again",
    ),
    MARKET_COST,
)
BYBIT = (
    GAPS,
    STREAMED_FLOATS,
    Trap(
        id="look-up-by-client-id",
        sentence="ccxt cannot look an order up or cancel it by our id: the id goes out under a name that the venue ignores",
        gate="the venue's own calls are used, with orderLinkId",
    ),
    Trap(
        id="ids-only",
        sentence="the answer to an order carries its id and nothing of what became of it",
        gate="every order is looked up after it was sent",
    ),
    Trap(
        id="trigger-needs-direction",
        sentence="a trigger price on a perpetual needs the direction from which it is reached",
        gate="stops are sent as stopLossPrice, which sets it",
    ),
    Trap(
        id="margin-mode-of-the-account",
        sentence="on a unified account the margin mode belongs to the whole account, not to one perpetual",
        gate="it is read before an order and never changed by the cockpit",
    ),
    Trap(
        id="403-is-a-limit",
        sentence="too many requests are answered by HTTP 403, as a refused address is",
        gate="it is left alone for ten minutes after a 403",
    ),
    MARKET_COST,
)
OKX = (
    STREAMED_FLOATS,
    ONE_REFUSAL,
    CONTRACTS,
    TIERS_IN_CONTRACTS,
    Trap(
        id="two-funding-times",
        sentence="its funding time is that of the next payment and its next funding time that of the one after it",
        gate="the first of the two that lies in the future counts, and their distance is the interval",
    ),
    Trap(
        id="funding-history-runs-back",
        sentence="its funding history gives the newest rates, however early a start is asked for",
        gate="it is read backwards from now",
    ),
    Trap(
        id="cross-unless-told",
        sentence="orders of perpetuals and spot stops are sent with cross margin unless the margin mode is named",
        gate="every order names its margin mode",
    ),
    Trap(
        id="stop-loses-its-id",
        sentence="the id of a conditional order goes out as that of a plain order, under which it is not found again",
        gate="it is sent as algoClOrdId",
    ),
)
BINGX = (
    STREAMED_FLOATS,
    ONE_REFUSAL,
    Trap(
        id="left-streams-wait-on",
        sentence="ccxt ends the stream of an order book and leaves whoever waits for it waiting",
        gate="they are told",
    ),
    Trap(
        id="mark-prices-under-pairs",
        sentence="ccxt gives the mark prices of its perpetuals the names of the spot pairs",
        gate="they are read with the funding rates",
    ),
    Trap(
        id="book-says-sizes-twice",
        sentence="the order book of a perpetual says every size twice, and by their names the second ones would be the coins",
        gate="the first is read: it comes in steps of the quantity, as in its stream, and the second is rounded down to nothing",
    ),
    Trap(
        id="open-interest-is-value",
        sentence="its open interest is already in USDT",
        gate="it is not multiplied by the price",
    ),
    Trap(
        id="no-smallest-amount",
        sentence="its spot listing has no smallest amount",
        gate="the smallest amount is one step",
    ),
    Trap(
        id="look-up-by-client-id",
        sentence="looked up through ccxt by our id, the order number None goes out",
        gate="the venue's own calls are used",
    ),
    Trap(
        id="service-unavailable-is-funds",
        sentence="its code 80012 means that the service is unavailable, and ccxt calls it insufficient funds",
        gate="after it an order is looked up, never given up",
    ),
    Trap(
        id="clock-is-a-symbol",
        sentence="a wrong clock is answered by code 100421, which ccxt calls a bad symbol",
        gate="the code counts as a wrong clock",
    ),
    MARKET_COST,
)
WEEX = (
    STREAMED_FLOATS,
    GAPS,
    ONE_REFUSAL,
    Trap(
        id="update-ids-unproven",
        sentence="it does not document whether the ids of a streamed book's updates follow on each other without a hole",
        gate="a hole counts as a loss; a stream that has too many of them is given up, and the books are polled",
    ),
    Trap(
        id="contract-size-is-one",
        sentence="its listing names a contract size of perpetuals, but sizes count coins",
        gate="the contract size is taken as 1",
    ),
    Trap(
        id="last-funding-rate",
        sentence="the funding rate is the one that was paid last, stamped with the time of the question",
        gate="the forecast counts, with the next funding time",
    ),
    Trap(
        id="candles-of-now-only",
        sentence="ccxt asks for its newest candles whatever the start",
        gate="days before those are asked of another venue",
    ),
    Trap(
        id="spot-stop-sells-at-once",
        sentence="a spot stop goes out as a plain order and sells at once",
        gate="spot stops are refused here",
    ),
    Trap(
        id="post-only-is-ignored",
        sentence="post-only goes out under a name that the venue does not know, so the order may take liquidity",
        gate="post-only orders are refused here",
    ),
    Trap(
        id="params-are-changed",
        sentence="ccxt changes the parameters that it was given when it sends a conditional order",
        gate="every call gets a copy of its own",
    ),
    Trap(
        id="cross-leverage",
        sentence="leverage is set for cross margin unless isolated is named",
        gate="the margin mode is named with the leverage",
    ),
    Trap(
        id="no-transfer",
        sentence="ccxt cannot move money between its wallets",
        gate="a plan's transfer is left to the trader, and looked for before the next step",
    ),
)
MEXC = (
    GAPS,
    EDGE,
    Trap(
        id="spot-streams-are-protobuf",
        sentence="its spot market streams in protobuf, which ccxt reads only where that package is installed",
        gate="its spot order books are polled",
    ),
    Trap(
        id="packed-unless-told",
        sentence="streamed order books of perpetuals come packed unless that is declined, which ccxt does not",
        gate="it is declined",
    ),
    Trap(
        id="refusals-have-no-name",
        sentence="where it refuses to stream an order book it does not say which, and ccxt waits on",
        gate="answers are taken in the order of the questions",
    ),
    CONTRACTS,
    TIERS_IN_CONTRACTS,
    Trap(
        id="tiers-of-its-own",
        sentence="most of its perpetuals have a table of tiers, which ccxt does not read, the others steps that ccxt begins at 0",
        gate="the table is read, and steps begin at their base; tiers that do not count contracts are another venue's",
    ),
    Trap(
        id="fair-price-is-mark",
        sentence="ccxt does not read the mark price, which the venue calls fair price",
        gate="it is taken from the raw ticker",
    ),
    Trap(
        id="funding-one-by-one",
        sentence="the funding of one perpetual is given a call",
        gate="only what is looked at is asked for",
    ),
    Trap(
        id="spot-stop-sells-at-once",
        sentence="a spot stop goes out as a plain order and sells at once",
        gate="spot stops are refused here",
    ),
    Trap(
        id="stop-loss-price-sells-at-once",
        sentence="a stop of a perpetual that is sent as stopLossPrice goes out as a plain order and closes at once",
        gate="stops are sent as triggerPrice",
    ),
    Trap(
        id="trigger-goes-up",
        sentence="a trigger price waits for the price to rise to it, whatever direction is named",
        gate="triggerType 2 is sent where it shall fall to it",
    ),
    Trap(
        id="ioc-is-ignored",
        sentence="immediate-or-cancel on a perpetual goes out as a limit order that rests",
        gate="order type 3 is sent",
    ),
    Trap(
        id="cross-unless-told",
        sentence="orders of perpetuals are sent with cross margin unless isolated and a leverage are named",
        gate="every order names both",
    ),
    Trap(
        id="attached-stop-is-garbage",
        sentence="a stop that is attached to an entry of a perpetual goes out as an object that the venue does not know",
        gate="a stop is an order of its own",
    ),
    Trap(
        id="hedge-mode-inverted",
        sentence="reduce-only in hedge mode closes the other side",
        gate="accounts in hedge mode are refused",
    ),
    Trap(
        id="a-page-becomes-an-id",
        sentence="an answer to a spot order that is no JSON, such as a page of its guard, becomes the number of the order",
        gate="a number that is not made of letters, digits and underscores counts as none, and the order is looked up",
    ),
    Trap(
        id="floats",
        sentence="sizes and prices of perpetuals go through binary fractions",
        gate="they are compared with what was meant before they are sent",
    ),
    Trap(
        id="futures-orders-unproven",
        sentence="its futures orders were closed to programs from 2022 to 2025 at least",
        gate="the first order of a perpetual is the smallest there is",
    ),
    MARKET_COST,
)
HYPERLIQUID = (
    Trap(
        id="settled-in-usdc",
        sentence="its perpetuals are in USDC",
        gate="it gives funding and open interest, no quotes and no orders",
    ),
    Trap(
        id="impact-prices",
        sentence="what ccxt calls bid and ask are prices of a larger trade",
        gate="they are not read",
    ),
    Trap(
        id="hourly-by-the-own-clock",
        sentence="funding is paid every hour, and ccxt reckons the next time by the clock of this machine",
        gate="rates are hourly, and a wrong clock is told",
    ),
)
KRAKEN = (
    Trap(
        id="checksums-go-unread",
        sentence="its streamed order books carry a checksum and no number, and ccxt does not look at it",
        gate="it is reckoned from the digits that the venue writes; a book that comes to another is thrown away and begun anew",
    ),
    Trap(
        id="streams-cannot-be-left",
        sentence="ccxt cannot end the stream of an order book, and tells nobody when one is refused",
        gate="both are read from the venue's own answers",
    ),
    Trap(
        id="settled-in-usd",
        sentence="its perpetuals are in USD",
        gate="they give funding and open interest, no quotes and no orders",
    ),
    Trap(
        id="funding-is-absolute",
        sentence="the funding of its tickers is an amount in USD for a contract and hour, which ccxt divides by the mark price",
        gate="the ratio counts, hourly",
    ),
    Trap(
        id="unlisted-symbol-fails",
        sentence="ccxt fails at all its funding rates together where one is of a symbol that is not in the listing",
        gate="the symbols are named",
    ),
    Trap(
        id="no-funding-time",
        sentence="it names no next funding time",
        gate="the next full hour counts",
    ),
    Trap(
        id="candles-of-now-only",
        sentence="it gives its newest 720 candles whatever the start",
        gate="days before those are asked of another venue",
    ),
)
