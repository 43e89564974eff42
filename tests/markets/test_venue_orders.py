"""The traps of orders, walked into: what ccxt really sends for an order, a stop, a look-up, leverage and a transfer."""

from typing import Any

import ccxt.pro
import pytest

from cockpit.markets.venues import VENUES
from cockpit.model.instruments import Kind
from tests.markets.captured import ETH, Sent, exchange, holds

SPOT, PERP = ETH[Kind.SPOT], ETH[Kind.PERP]
OURS = "R7f3k2m9"
PAGE = "<html>busy</html>"
EVERY = ["binance", "bybit", "okx", "bingx", "weex", "mexc"]


async def order(venue: str, symbol: str, kind: str, side: str, price: str | None = None, **params: Any) -> Sent:
    """What goes out for an order of one ETH."""
    async with exchange(venue) as (client, capture):
        await client.create_order(symbol, kind, side, "1", price, {"clientOrderId": OURS, **params})
        return capture.order


@pytest.mark.parametrize("venue", EVERY)
async def test_our_id_goes_out_in_the_field_that_the_table_names(venue: str) -> None:
    orders = VENUES[venue].orders
    assert orders is not None
    for one in orders.ids:
        sent = await order(venue, ETH[one.kind], "limit", "buy", "2000")
        assert sent.fields[one.field] == OURS
        assert list(sent.fields.values()).count(OURS) == 1


@pytest.mark.parametrize("venue", EVERY)
async def test_without_an_id_of_ours_the_venue_or_ccxt_makes_one_up(venue: str) -> None:
    """Why an id is always sent: nobody could look the order up otherwise."""
    orders = VENUES[venue].orders
    assert orders is not None
    async with exchange(venue) as (client, capture):
        await client.create_order(SPOT, "limit", "buy", "1", "2000", {})
        made_up = str(capture.order.fields.get(orders.ids[0].field, ""))
    assert made_up != OURS


@pytest.mark.parametrize("venue", ["binance", "weex"])
async def test_a_conditional_order_carries_our_id_in_its_own_field(venue: str) -> None:
    orders = VENUES[venue].orders
    assert orders is not None
    sent = await order(venue, PERP, "market", "sell", stopLossPrice="1500", reduceOnly=True)
    assert sent.fields[orders.ids[1].trigger_field] == OURS
    assert "algoOrder" in sent.path


@holds("stop-loses-its-id", "okx")
async def test_okx_gets_the_id_of_a_stop_under_the_name_of_a_plain_order() -> None:
    sent = await order("okx", PERP, "market", "sell", stopLossPrice="1500", reduceOnly=True)
    assert sent.path.endswith("/order-algo")
    assert sent.fields["clOrdId"] == OURS
    assert "algoClOrdId" not in sent.fields
    mended = await order("okx", PERP, "market", "sell", stopLossPrice="1500", reduceOnly=True, algoClOrdId=OURS)
    assert mended.fields["algoClOrdId"] == OURS


@holds("spot-stop-sells-at-once", "weex", "mexc")
@pytest.mark.parametrize("venue", ["weex", "mexc"])
@pytest.mark.parametrize("name", ["stopLossPrice", "triggerPrice"])
async def test_a_spot_stop_goes_out_as_a_plain_market_order(venue: str, name: str) -> None:
    sent = await order(venue, SPOT, "market", "sell", **{name: "1500"})
    assert sent.path.endswith("/api/v3/order")
    assert sent.fields["type"] == "MARKET"
    assert sent.fields[name] == "1500"


@pytest.mark.parametrize(
    ("venue", "kind"), [("binance", "STOP_LOSS"), ("bingx", "TAKE_STOP_MARKET"), ("okx", None), ("bybit", None)]
)
async def test_elsewhere_a_spot_stop_waits(venue: str, kind: str | None) -> None:
    sent = await order(venue, SPOT, "market", "sell", stopLossPrice="1500")
    price = sent.fields.get("stopPrice") or sent.fields.get("triggerPrice") or sent.fields.get("slTriggerPx")
    assert price == "1500"
    assert kind is None or sent.fields["type"] == kind


@holds("stop-loss-price-sells-at-once", "mexc")
async def test_mexc_closes_a_perpetual_at_once_where_a_stop_was_meant() -> None:
    sent = await order("mexc", PERP, "market", "sell", stopLossPrice="1500", reduceOnly=True)
    assert sent.path.endswith("/private/order/create")
    assert sent.fields["type"] == 6


@holds("trigger-goes-up", "mexc")
async def test_mexc_triggers_upwards_unless_it_is_told_in_its_own_words() -> None:
    sent = await order("mexc", PERP, "market", "sell", triggerPrice="1500", triggerDirection="descending", reduceOnly=True)
    assert sent.path.endswith("/planorder/place")
    assert sent.fields["triggerType"] == 1
    mended = await order("mexc", PERP, "market", "sell", triggerPrice="1500", triggerType=2, reduceOnly=True)
    assert mended.fields["triggerType"] == 2


@holds("ioc-is-ignored", "mexc")
async def test_mexc_lets_an_immediate_order_rest_unless_its_type_is_named() -> None:
    sent = await order("mexc", PERP, "limit", "buy", "2000", timeInForce="IOC")
    assert sent.fields["type"] == 1
    mended = await order("mexc", PERP, "limit", "buy", "2000", type=3)
    assert mended.fields["type"] == 3


@holds("hedge-mode-inverted", "mexc")
async def test_mexc_reduces_the_other_side_in_hedge_mode() -> None:
    """Its sides: 2 closes a short, 4 closes a long. Selling closes a long."""
    assert (await order("mexc", PERP, "market", "sell", reduceOnly=True)).fields["side"] == 4
    assert (await order("mexc", PERP, "market", "sell", reduceOnly=True, hedged=True)).fields["side"] == 2


@holds("floats", "mexc")
async def test_mexc_gets_binary_fractions_for_perpetuals() -> None:
    sent = await order("mexc", PERP, "limit", "buy", "2000")
    assert isinstance(sent.fields["price"], float)
    assert isinstance(sent.fields["vol"], float)


@holds("cross-unless-told", "mexc", "okx")
async def test_margin_is_crossed_unless_isolated_is_named() -> None:
    assert (await order("mexc", PERP, "limit", "buy", "2000")).fields["openType"] == 2
    isolated = await order("mexc", PERP, "limit", "buy", "2000", marginMode="isolated", leverage=2)
    assert isolated.fields["openType"] == 1
    assert (await order("okx", PERP, "limit", "buy", "2000")).fields["tdMode"] == "cross"
    assert (await order("okx", PERP, "limit", "buy", "2000", marginMode="isolated")).fields["tdMode"] == "isolated"
    assert (await order("okx", SPOT, "limit", "buy", "2000")).fields["tdMode"] == "cash"
    assert (await order("okx", SPOT, "market", "sell", stopLossPrice="1500")).fields["tdMode"] == "cross"


@holds("attached-stop-is-garbage", "binance", "mexc")
async def test_an_attached_stop_is_no_stop() -> None:
    sent = await order("binance", PERP, "limit", "buy", "2000", stopLoss={"triggerPrice": "1500"})
    assert sent.fields["stopLoss"].startswith("{'triggerPrice'")
    assert (await order("mexc", PERP, "limit", "buy", "2000", stopLoss={"triggerPrice": "1500"})).fields["stopLoss"] == {
        "triggerPrice": "1500"
    }


@holds("post-only-is-ignored", "weex")
@pytest.mark.parametrize("symbol", [SPOT, PERP])
async def test_weex_is_not_told_of_post_only_in_a_word_that_it_knows(symbol: str) -> None:
    sent = await order("weex", symbol, "limit", "buy", "2000", postOnly=True)
    assert sent.fields["type"] == "LIMIT"
    assert sent.fields.get("timeInForce", "GTC") == "GTC"
    assert sent.fields["postOnly"] is True


@holds("params-are-changed", "weex")
async def test_weex_writes_into_the_parameters_of_a_conditional_order() -> None:
    params = {"clientOrderId": OURS, "stopLossPrice": "1500", "reduceOnly": True}
    async with exchange("weex") as (client, _):
        await client.create_order(PERP, "market", "sell", "1", None, params)
    assert params["type"] == "STOP_MARKET"


@holds("market-price-is-cost", "binance", "bybit", "bingx", "mexc")
@pytest.mark.parametrize(
    ("venue", "field"), [("binance", "quoteOrderQty"), ("bybit", "qty"), ("bingx", "quoteOrderQty"), ("mexc", "quoteOrderQty")]
)
async def test_a_price_turns_a_spot_market_order_into_an_amount_to_spend(venue: str, field: str) -> None:
    async with exchange(venue, number=float) as (client, capture):
        await client.create_order(SPOT, "market", "buy", "1", "2000", {"clientOrderId": OURS})
    assert capture.order.fields[field] == "2000"
    without = (await order(venue, SPOT, "market", "buy")).fields
    assert without.get("quantity", without.get("qty")) == "1"


@pytest.mark.parametrize("venue", ["binance", "mexc"])
async def test_with_exact_numbers_ccxt_fails_before_it_sends_an_amount_to_spend(venue: str) -> None:
    async with exchange(venue) as (client, capture):
        with pytest.raises(AssertionError, match="precision"):
            await client.create_order(SPOT, "market", "buy", "1", "2000", {"clientOrderId": OURS})
    assert not capture.sent


@pytest.mark.parametrize("venue", ["okx", "weex"])
async def test_elsewhere_a_price_leaves_the_quantity_of_a_market_order(venue: str) -> None:
    sent = (await order(venue, SPOT, "market", "buy", "2000")).fields
    assert sent.get("quantity", sent.get("sz")) == "1"


@holds("trigger-needs-direction", "bybit")
async def test_bybit_wants_the_direction_of_a_trigger_and_reads_it_from_a_stop_loss() -> None:
    with pytest.raises(ccxt.ArgumentsRequired, match="triggerDirection"):
        await order("bybit", PERP, "market", "sell", triggerPrice="1500", reduceOnly=True)
    sent = await order("bybit", PERP, "market", "sell", stopLossPrice="1500", reduceOnly=True)
    assert sent.fields["triggerDirection"] == 2


@holds("ids-only", "bybit")
async def test_bybit_answers_an_order_with_its_id_alone() -> None:
    async with exchange("bybit") as (client, _):
        given = await client.create_order(PERP, "limit", "buy", "1", "2000", {"clientOrderId": OURS})
    assert given["id"] == "7"
    assert given["status"] is None
    assert given["filled"] is None


@holds("stops-live-elsewhere", "binance")
async def test_binance_looks_stops_up_at_another_end_point_when_it_is_told() -> None:
    async with exchange("binance") as (client, capture):
        await client.fetch_order(None, PERP, {"clientOrderId": OURS})
        await client.fetch_order(None, PERP, {"trigger": True, "clientAlgoId": OURS})
    plain, algo = capture.sent
    assert plain.path.endswith("/fapi/v1/order")
    assert algo.path.endswith("/fapi/v1/algoOrder")
    assert algo.fields["clientAlgoId"] == OURS


@holds("look-up-by-client-id", "bybit", "bingx")
async def test_look_ups_through_ccxt_miss_our_id() -> None:
    async with exchange("bybit") as (client, capture):
        with pytest.raises(ccxt.ArgumentsRequired):
            await client.fetch_order(None, PERP, {"clientOrderId": OURS})
        await client.cancel_order(None, PERP, {"clientOrderId": OURS})
        assert "orderLinkId" not in capture.order.fields
    for symbol in (SPOT, PERP):
        async with exchange("bingx") as (client, capture):
            await client.fetch_order(None, symbol, {"clientOrderId": OURS})
            assert capture.sent[0].fields["orderId"] == "None"
    async with exchange("mexc") as (client, capture):
        await client.fetch_order(None, PERP, {"clientOrderId": OURS})
        assert capture.sent[0].path.endswith("/order/get/None")


async def test_bybit_cancels_by_our_id_in_its_own_word() -> None:
    async with exchange("bybit") as (client, capture):
        await client.cancel_order(None, PERP, {"orderLinkId": OURS})
    assert capture.order.fields["orderLinkId"] == OURS


@pytest.mark.parametrize("venue", EVERY)
async def test_look_ups_of_the_table_carry_our_id(venue: str) -> None:
    orders = VENUES[venue].orders
    assert orders is not None
    for one in orders.ids:
        if not one.lookup.param:
            continue
        async with exchange(venue) as (client, capture):
            if one.lookup.raw:
                market = client.market(ETH[one.kind])["id"]
                await getattr(client, one.lookup.call)({"symbol": market, "category": "linear", one.lookup.param: OURS})
            else:
                await getattr(client, one.lookup.call)(None, ETH[one.kind], {one.lookup.param: OURS})
        assert OURS in (*capture.sent[0].fields.values(), capture.sent[0].path.rsplit("/", 1)[-1])


async def test_weex_cannot_look_an_order_of_a_perpetual_up_by_our_id() -> None:
    async with exchange("weex") as (client, _):
        with pytest.raises(ccxt.ArgumentsRequired):
            await client.fetch_order(None, PERP, {"clientOrderId": OURS})


@holds("cross-leverage", "weex")
async def test_weex_sets_the_leverage_of_cross_margin_unless_isolated_is_named() -> None:
    async with exchange("weex") as (client, capture):
        await client.set_leverage(2, PERP)
    assert capture.order.fields["crossLeverage"] == 2
    async with exchange("weex") as (client, capture):
        await client.set_leverage(2, PERP, {"marginMode": "isolated"})
    assert capture.order.fields["isolatedLongLeverage"] == 2


@pytest.mark.parametrize(("venue", "lacking"), [("bingx", "side"), ("mexc", "positionId")])
async def test_leverage_needs_what_the_table_says(venue: str, lacking: str) -> None:
    orders = VENUES[venue].orders
    assert orders is not None
    assert orders.leverage
    async with exchange(venue) as (client, _):
        with pytest.raises(ccxt.ArgumentsRequired, match=lacking):
            await client.set_leverage(2, PERP)


async def test_okx_sets_the_leverage_of_the_margin_mode_that_is_named() -> None:
    async with exchange("okx") as (client, capture):
        await client.set_leverage(2, PERP, {"marginMode": "isolated"})
    assert capture.order.fields["mgnMode"] == "isolated"


async def test_weex_wants_a_margin_mode_with_the_position_mode() -> None:
    async with exchange("weex") as (client, _):
        with pytest.raises(ccxt.ArgumentsRequired, match="marginMode"):
            await client.set_position_mode(False, PERP)


@holds("margin-mode-of-the-account", "bybit")
async def test_bybit_changes_the_margin_mode_of_the_whole_account() -> None:
    async with exchange("bybit") as (client, capture):
        await client.set_margin_mode("isolated", PERP, {"leverage": 2})
    assert capture.order.path.endswith("/v5/account/set-margin-mode")
    assert "symbol" not in capture.order.fields


@holds("no-transfer", "weex")
@pytest.mark.parametrize("venue", EVERY)
async def test_wallets_of_the_table_are_two(venue: str) -> None:
    orders = VENUES[venue].orders
    assert orders is not None
    async with exchange(venue) as (client, capture):
        if not orders.transfer:
            with pytest.raises(ccxt.NotSupported):
                await client.transfer("USDT", 10, "spot", "swap")
            return
        await client.transfer("USDT", 10, *orders.transfer)
        fields = capture.order.fields
    ends = [fields[name] for name in fields if name.lower().startswith(("from", "to"))]
    assert fields.get("type") == "MAIN_UMFUTURE" or (len(ends) == 2 and ends[0] != ends[1])


@holds("service-unavailable-is-funds", "bingx")
@holds("clock-is-a-symbol", "bingx")
@pytest.mark.parametrize(("code", "told"), [(80012, ccxt.InsufficientFunds), (100421, ccxt.BadSymbol)])
async def test_bingx_codes_reach_us_as_something_else(code: int, told: type[Exception]) -> None:
    async with exchange("bingx") as (client, capture):
        capture.answer = {"code": code, "msg": "later", "data": {}}
        with pytest.raises(told):
            await client.create_order(PERP, "limit", "buy", "1", "2000", {"clientOrderId": OURS})


@pytest.mark.parametrize(
    ("venue", "body"),
    [(venue, body) for venue in ("binance", "bingx", "weex", "mexc") for body in ("", PAGE) if (venue, body) != ("mexc", PAGE)],
)
async def test_a_page_or_nothing_with_200_becomes_an_order_without_an_id(venue: str, body: str) -> None:
    """Why an order without an id is looked up, never taken for sent or for refused."""
    async with exchange(venue) as (client, capture):
        capture.answer = (200, body)
        given = await client.create_order(SPOT, "limit", "buy", "1", "2000", {"clientOrderId": OURS})
    assert given["id"] is None


@holds("a-page-becomes-an-id", "mexc")
async def test_mexc_takes_a_page_for_the_number_of_a_spot_order() -> None:
    async with exchange("mexc") as (client, capture):
        capture.answer = (200, PAGE)
        given = await client.create_order(SPOT, "limit", "buy", "1", "2000", {"clientOrderId": OURS})
    assert given["id"] == PAGE
