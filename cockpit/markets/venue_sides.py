"""What each venue's public data is asked with: the two sides of every venue, spot and perpetuals, as rows of the table."""

from __future__ import annotations

from decimal import Decimal

from cockpit.markets.venue_terms import (
    Budget,
    Call,
    Funding,
    IntervalFrom,
    OpenInterest,
    Paging,
    Series,
    Side,
    Stream,
    Tiers,
    Unit,
)
from cockpit.model.instruments import Kind

SPOT = {"type": "spot"}
SWAP = {"type": "swap"}
LINEAR = {"type": "swap", "subType": "linear"}
FUTURES_DEPTHS = (5, 10, 20, 50, 100, 500, 1000)
STREAM_DEPTHS = (1, 50, 200, 1000)
OKX_DEPTHS = (1, 5, 400)
BINGX_DEPTHS = (5, 10, 20, 50, 100)

BINANCE = (
    Side(
        kind=Kind.SPOT,
        ccxt="binance",
        type="spot",
        quote="USDT",
        best=Call("fetch_bids_asks", SPOT),
        book_most=5000,
        candles=Series(most=1000, paging=Paging.FORWARD, until="until"),
        stream=Stream(many=True, tickers=True),
        budget=Budget(weight=6000, seconds=60, used="X-MBX-USED-WEIGHT-1M"),
        hosts=("api.binance.com", "stream.binance.com:9443"),
    ),
    Side(
        kind=Kind.PERP,
        ccxt="binance",
        type="swap",
        quote="USDT",
        settle="USDT",
        best=Call("fetch_bids_asks", LINEAR),
        mark=Call("fetch_mark_prices", LINEAR),
        book_limits=FUTURES_DEPTHS,
        book_most=1000,
        candles=Series(most=1000, paging=Paging.FORWARD, until="until"),
        funding=Funding(
            rates=Call("fetch_funding_rates", LINEAR),
            interval=IntervalFrom.EXCEPTIONS,
            history=Series(most=1000, paging=Paging.FORWARD, until="until"),
        ),
        open_interest=OpenInterest(call=Call("fetch_open_interest"), field="info.openInterest", unit=Unit.BASE),
        tiers=Tiers(call=Call("fetch_market_leverage_tiers"), unit=Unit.QUOTE, public=False),
        stream=Stream(many=True, tickers=True),
        budget=Budget(weight=2400, seconds=60, used="X-MBX-USED-WEIGHT-1M"),
        hosts=("fapi.binance.com", "fstream.binance.com"),
    ),
)

BYBIT = (
    Side(
        kind=Kind.SPOT,
        ccxt="bybit",
        type="spot",
        quote="USDT",
        best=Call("fetch_tickers", SPOT),
        book_most=200,
        candles=Series(most=1000, paging=Paging.FORWARD, until="until"),
        stream=Stream(many=True, depths=STREAM_DEPTHS, tickers=True),
        budget=Budget(weight=600, seconds=5, left="X-Bapi-Limit-Status"),
        hosts=("api.bybit.com", "stream.bybit.com"),
    ),
    Side(
        kind=Kind.PERP,
        ccxt="bybit",
        type="swap",
        quote="USDT",
        settle="USDT",
        best=Call("fetch_tickers", LINEAR),
        mark=Call("fetch_tickers", LINEAR),
        book_most=500,
        candles=Series(most=1000, paging=Paging.FORWARD, until="until"),
        funding=Funding(
            rates=Call("fetch_funding_rates", LINEAR),
            interval=IntervalFrom.LISTING,
            history=Series(most=200, paging=Paging.FORWARD, until="until"),
        ),
        open_interest=OpenInterest(
            call=Call("fetch_tickers", LINEAR), field="info.openInterestValue", unit=Unit.QUOTE, of_all=True
        ),
        tiers=Tiers(call=Call("fetch_market_leverage_tiers"), unit=Unit.QUOTE, public=True),
        stream=Stream(many=True, depths=STREAM_DEPTHS, tickers=True),
        budget=Budget(weight=600, seconds=5, left="X-Bapi-Limit-Status"),
        hosts=("api.bybit.com", "stream.bybit.com"),
    ),
)

OKX = (
    Side(
        kind=Kind.SPOT,
        ccxt="okx",
        type="spot",
        quote="USDT",
        best=Call("fetch_tickers", SPOT),
        book_most=400,
        candles=Series(most=300, paging=Paging.FORWARD),
        stream=Stream(many=True, depths=OKX_DEPTHS, tickers=True),
        budget=Budget(weight=20, seconds=2, of_each_path=True),
        hosts=("www.okx.com", "ws.okx.com:443"),
    ),
    Side(
        kind=Kind.PERP,
        ccxt="okx",
        type="swap",
        quote="USDT",
        settle="USDT",
        best=Call("fetch_tickers", SWAP),
        mark=Call("fetch_mark_prices", SWAP),
        book_most=400,
        candles=Series(most=300, paging=Paging.FORWARD),
        funding=Funding(
            rates=Call("fetch_funding_rates"),
            history=Series(most=100, paging=Paging.BACKWARD, until="after"),
        ),
        open_interest=OpenInterest(call=Call("fetch_open_interests"), field="info.oiCcy", unit=Unit.BASE, of_all=True),
        tiers=Tiers(
            call=Call("fetch_market_leverage_tiers", {"marginMode": "isolated"}),
            unit=Unit.CONTRACTS,
            public=True,
            whole_position=True,
        ),
        contract_size=None,
        stream=Stream(many=True, depths=OKX_DEPTHS, tickers=True),
        budget=Budget(weight=20, seconds=2, of_each_path=True),
        hosts=("www.okx.com", "ws.okx.com:443"),
    ),
)

BINGX = (
    Side(
        kind=Kind.SPOT,
        ccxt="bingx",
        type="spot",
        quote="USDT",
        best=Call("fetch_tickers", SPOT),
        book_most=1000,
        candles=Series(most=1440, paging=Paging.FORWARD, until="until"),
        stream=Stream(depths=BINGX_DEPTHS),
        budget=Budget(weight=100, seconds=10, left="X-RateLimit-Requests-Remain"),
        hosts=("open-api.bingx.com", "open-api-ws.bingx.com"),
    ),
    Side(
        kind=Kind.PERP,
        ccxt="bingx",
        type="swap",
        quote="USDT",
        settle="USDT",
        best=Call("fetch_tickers", LINEAR),
        mark=Call("fetch_funding_rates", {"subType": "linear"}),
        book_limits=FUTURES_DEPTHS,
        book_most=1000,
        candles=Series(most=1440, paging=Paging.FORWARD, until="until"),
        funding=Funding(
            rates=Call("fetch_funding_rates", {"subType": "linear"}),
            history=Series(most=1000, paging=Paging.FORWARD, until="until"),
        ),
        open_interest=OpenInterest(call=Call("fetch_open_interest"), field="openInterestValue", unit=Unit.QUOTE),
        tiers=Tiers(call=Call("fetch_market_leverage_tiers"), unit=Unit.QUOTE, public=False),
        stream=Stream(depths=BINGX_DEPTHS),
        budget=Budget(weight=100, seconds=10, left="X-RateLimit-Requests-Remain"),
        hosts=("open-api.bingx.com", "open-api-swap.bingx.com"),
    ),
)

WEEX = (
    Side(
        kind=Kind.SPOT,
        ccxt="weex",
        type="spot",
        quote="USDT",
        best=Call("fetch_bids_asks", SPOT),
        book_limits=(15, 200),
        book_most=200,
        candles=Series(most=100, paging=Paging.NEWEST),
        stream=Stream(many=True, depths=(15, 200), tickers=True),
        budget=Budget(weight=500, seconds=10),
        hosts=("api-spot.weex.com", "ws-spot.weex.com"),
    ),
    Side(
        kind=Kind.PERP,
        ccxt="weex",
        type="swap",
        quote="USDT",
        settle="USDT",
        best=Call("fetch_bids_asks", SWAP),
        mark=Call("fetch_mark_prices"),
        book_limits=(15, 200),
        book_most=200,
        candles=Series(most=1000, paging=Paging.NEWEST),
        funding=Funding(
            rates=Call("fetch_funding_rates"),
            rate=("nextFundingRate", "fundingRate"),
            history=Series(most=1000, paging=Paging.FORWARD, until="until"),
        ),
        open_interest=OpenInterest(call=Call("fetch_open_interest"), field="openInterestAmount", unit=Unit.BASE),
        contract_size=Decimal(1),
        stream=Stream(many=True, depths=(15, 200), tickers=True),
        budget=Budget(weight=500, seconds=10),
        hosts=("api-contract.weex.com", "ws-contract.weex.com"),
    ),
)

MEXC = (
    Side(
        kind=Kind.SPOT,
        ccxt="mexc",
        type="spot",
        quote="USDT",
        best=Call("fetch_bids_asks", SPOT),
        book_most=5000,
        candles=Series(most=500, paging=Paging.FORWARD),
        budget=Budget(weight=300, seconds=10),
        hosts=("api.mexc.com",),
    ),
    Side(
        kind=Kind.PERP,
        ccxt="mexc",
        type="swap",
        quote="USDT",
        settle="USDT",
        best=Call("fetch_tickers", SWAP),
        mark=Call("fetch_tickers", SWAP),
        mark_field="info.fairPrice",
        book_most=1000,
        candles=Series(most=2000, paging=Paging.FORWARD, until="until"),
        funding=Funding(rates=None, history=Series(most=1000, paging=Paging.PAGES, until="page_num")),
        open_interest=OpenInterest(call=Call("fetch_tickers", SWAP), field="info.holdVol", unit=Unit.CONTRACTS, of_all=True),
        tiers=Tiers(call=Call("fetch_leverage_tiers"), unit=Unit.CONTRACTS, public=True, of_all=True, whole_position=True),
        contract_size=None,
        stream=Stream(tickers=True),
        budget=Budget(weight=20, seconds=2, of_each_path=True),
        hosts=("api.mexc.com", "contract.mexc.com"),
    ),
)

HYPERLIQUID = (
    Side(
        kind=Kind.PERP,
        ccxt="hyperliquid",
        type="swap",
        quote="USDC",
        settle="USDC",
        best=None,
        mark=Call("fetch_tickers", SWAP),
        mark_field="info.markPx",
        book_most=20,
        candles=None,
        funding=Funding(
            rates=Call("fetch_funding_rates"),
            next_at=(),
            interval_hours=Decimal(1),
            history=Series(most=500, paging=Paging.FORWARD, until="until"),
        ),
        open_interest=OpenInterest(call=Call("fetch_open_interests"), field="openInterestAmount", unit=Unit.BASE, of_all=True),
        budget=Budget(weight=1200, seconds=60),
        hosts=("api.hyperliquid.xyz",),
    ),
)

KRAKEN = (
    Side(
        kind=Kind.SPOT,
        ccxt="kraken",
        type="spot",
        quote="USDT",
        best=Call("fetch_tickers"),
        book_most=500,
        candles=Series(most=720, paging=Paging.NEWEST),
        stream=Stream(many=True, depths=(10, 25, 100, 500, 1000), tickers=True),
        budget=Budget(weight=15, seconds=15),
        hosts=("api.kraken.com", "ws.kraken.com"),
    ),
    Side(
        kind=Kind.PERP,
        ccxt="krakenfutures",
        type="swap",
        quote="USD",
        settle="USD",
        best=Call("fetch_tickers"),
        mark=Call("fetch_tickers"),
        book_most=1000,
        candles=None,
        funding=Funding(
            rates=Call("fetch_funding_rates", named=True),
            next_at=(),
            interval_hours=Decimal(1),
            history=Series(most=100_000, paging=Paging.NEWEST),
        ),
        open_interest=OpenInterest(call=Call("fetch_tickers"), field="info.openInterest", unit=Unit.BASE, of_all=True),
        budget=Budget(weight=500, seconds=10),
        hosts=("futures.kraken.com",),
    ),
)
