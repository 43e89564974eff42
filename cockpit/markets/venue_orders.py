"""What sending orders to each venue needs to know: ids and the look-up by them, wallets, margin, a key's rights, error codes."""

from __future__ import annotations

from cockpit.markets.venue_terms import ClientId, Lookup, Orders, Practice
from cockpit.model.instruments import Kind

BINANCE = Orders(
    ids=(
        ClientId(kind=Kind.SPOT, field="newClientOrderId", most=36, lookup=Lookup(call="fetch_order", param="clientOrderId")),
        ClientId(
            kind=Kind.PERP,
            field="newClientOrderId",
            most=36,
            trigger_field="clientAlgoId",
            lookup=Lookup(call="fetch_order", param="clientOrderId"),
        ),
    ),
    batch=5,
    edit=True,
    transfer=("spot", "swap"),
    margin_mode="set for each perpetual",
    position_mode="set for the account",
    practice=Practice.BOTH,
    rights="sapi_get_account_apirestrictions",
    clock_codes=("-1021",),
)
BYBIT = Orders(
    ids=tuple(
        ClientId(
            kind=kind,
            field="orderLinkId",
            most=36,
            lookup=Lookup(
                call="private_get_v5_order_realtime", param="orderLinkId", raw=True, then=("private_get_v5_order_history",)
            ),
        )
        for kind in Kind
    ),
    batch=10,
    edit=True,
    transfer=("funding", "unified"),
    margin_mode="one for the whole unified account",
    position_mode="set for each perpetual",
    practice=Practice.BOTH,
    precheck="private_post_v5_order_pre_check",
    rights="private_get_v5_user_query_api",
    unknown_codes=("10000", "10016"),
    clock_codes=("10002",),
)
OKX = Orders(
    ids=tuple(
        ClientId(
            kind=kind,
            field="clOrdId",
            most=32,
            trigger_field="algoClOrdId",
            lookup=Lookup(call="fetch_order", param="clientOrderId"),
        )
        for kind in Kind
    ),
    batch=20,
    edit=True,
    transfer=("funding", "trading"),
    leverage="needs marginMode",
    margin_mode="named in every order",
    position_mode="set for the account",
    practice=Practice.DEMO,
    precheck="private_post_trade_order_precheck",
    rights="private_get_account_config",
    clock_codes=("50102",),
    password=True,
)
BINGX = Orders(
    ids=(
        ClientId(
            kind=Kind.SPOT,
            field="newClientOrderId",
            most=40,
            lookup=Lookup(call="spot_v1_private_get_trade_query", param="clientOrderID", raw=True),
        ),
        ClientId(
            kind=Kind.PERP,
            field="clientOrderID",
            most=40,
            lookup=Lookup(call="swap_v2_private_get_trade_order", param="clientOrderId", raw=True),
        ),
    ),
    batch=5,
    edit=True,
    transfer=("spot", "swap"),
    leverage="needs side",
    margin_mode="set for each perpetual",
    position_mode="set for the account",
    practice=Practice.SWAP_ONLY,
    rights="account_v1_private_get_account_apipermissions",
    unknown_codes=("80012", "100500"),
    clock_codes=("100421",),
)
WEEX = Orders(
    ids=(
        ClientId(kind=Kind.SPOT, field="newClientOrderId", most=40, lookup=Lookup(call="fetch_order", param="clientOrderId")),
        ClientId(
            kind=Kind.PERP,
            field="newClientOrderId",
            most=40,
            trigger_field="clientAlgoId",
            lookup=Lookup(call="fetch_open_orders", param="", then=("fetch_closed_orders",)),
        ),
    ),
    leverage="needs marginMode",
    margin_mode="set for each perpetual",
    position_mode="needs a symbol and marginMode",
    practice=Practice.SWAP_ONLY,
    unknown_codes=("-1054",),
    clock_codes=("-1046",),
    password=True,
)
MEXC = Orders(
    ids=(
        ClientId(kind=Kind.SPOT, field="newClientOrderId", most=None, lookup=Lookup(call="fetch_order", param="clientOrderId")),
        ClientId(
            kind=Kind.PERP,
            field="externalOid",
            most=None,
            lookup=Lookup(
                call="contract_private_get_order_external_symbol_external_oid",
                param="external_oid",
                raw=True,
            ),
        ),
    ),
    transfer=("spot", "swap"),
    leverage="needs openType and positionType",
    margin_mode="set with the leverage",
    position_mode="set for the account",
    unknown_codes=("500",),
    clock_codes=("513",),
)
