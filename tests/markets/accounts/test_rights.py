"""What a venue tells of a key is read however it tells it; what it does not tell is unknown."""

import json
from typing import Any

import pytest

from cockpit.markets.accounts.rows import Permissions
from tests.loopback.server import Loopback
from tests.markets.accounts.conftest import MakeClient

ANYWHERE = "it works from any address: bind it to this machine's"
ACCOUNTS = "it may move funds between accounts"
WALLETS = "it may move funds between wallets"
FLAGS = {
    "ipRestrict": True,
    "createTime": 1690000000000,
    "enableReading": True,
    "enableSpotAndMarginTrading": False,
    "enableWithdrawals": False,
    "enableInternalTransfer": False,
    "enableFutures": False,
    "permitsUniversalTransfer": False,
}
"""As Binance's "Get API Key Permission" and BingX's "Query API KEY Permissions" document them."""
BY_FLAGS = [
    (FLAGS, Permissions(withdraw=False, trade=False)),
    (FLAGS | {"enableWithdrawals": True}, Permissions(withdraw=True, trade=False)),
    (FLAGS | {"enableFutures": True}, Permissions(withdraw=False, trade=True)),
    (
        FLAGS | {"enableSpotAndMarginTrading": True, "ipRestrict": False},
        Permissions(withdraw=False, trade=True, told=(ANYWHERE,)),
    ),
    (
        FLAGS | {"enableInternalTransfer": True, "permitsUniversalTransfer": True},
        Permissions(withdraw=False, trade=False, told=(ACCOUNTS, WALLETS)),
    ),
    ({"ipRestrict": True, "enableFutures": True}, Permissions(trade=True)),
    ({"ipRestrict": True, "enableFutures": False}, Permissions()),
    ({}, Permissions()),
]
BY_NUMBERS = [
    ({"permissions": [2], "ipAddresses": ["192.0.2.1"]}, Permissions(withdraw=False, trade=False)),
    ({"permissions": [1, 2, 5], "ipAddresses": ["192.0.2.1"]}, Permissions(withdraw=True, trade=True)),
    ({"permissions": ["2", "3"], "ipAddresses": []}, Permissions(withdraw=False, trade=True, told=(ANYWHERE,))),
    ({"permissions": [2, 4]}, Permissions(withdraw=False, trade=False, told=(WALLETS,))),
]
"""As BingX has told them: spot 1, reading 2, perpetuals 3, transfers 4, withdrawals 5."""


def told(loopback: Loopback, path: str, answer: dict[str, Any]) -> None:
    """Let whoever asks for a path hear an answer."""
    loopback.fault("", "body", path=path, times=1, status=200, body=json.dumps(answer))


@pytest.mark.parametrize(("flags", "found"), BY_FLAGS)
async def test_the_rights_of_a_key_are_read_from_flags(
    loopback: Loopback, client: MakeClient, flags: dict[str, Any], found: Permissions
) -> None:
    told(loopback, "/sapi/v1/account/apiRestrictions", flags)
    assert await client("binance").permissions() == found
    asked = client("bingx")
    for answer in ({"code": 0, "msg": "", "data": flags}, {"code": 0, "msg": "", **flags}):
        told(loopback, "/openApi/v1/account/apiPermissions", answer)
        assert await asked.permissions() == found


@pytest.mark.parametrize(("numbers", "found"), BY_NUMBERS)
async def test_the_rights_of_a_key_are_read_from_numbers(
    loopback: Loopback, client: MakeClient, numbers: dict[str, Any], found: Permissions
) -> None:
    told(loopback, "/openApi/v1/account/apiPermissions", {"code": 0, "msg": "", "data": numbers})
    assert await client("bingx").permissions() == found
