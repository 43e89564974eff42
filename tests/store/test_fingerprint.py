"""A portfolio file is recognised by its content, not by its spelling."""

from decimal import Decimal

from msgspec.structs import replace

from cockpit.store.opening import fingerprint
from tests.store.examples import portfolio, richer


def test_the_fingerprint_is_of_the_content_alone() -> None:
    account = portfolio().accounts[0]
    moved = replace(account, spot=dict(reversed(account.spot.items())), futures_wallet=Decimal("5000.0"))
    assert fingerprint(portfolio()) == fingerprint(portfolio(revision=9))
    assert fingerprint(portfolio()) == fingerprint(portfolio(accounts=(moved,)))
    assert fingerprint(portfolio()) != fingerprint(richer(portfolio()))
    assert fingerprint(portfolio()) != fingerprint(portfolio(excluded=("ETH",)))
