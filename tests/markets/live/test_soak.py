"""The soak in short: with a fault every few seconds every number is right, and in the end nothing is left."""

from tests.markets.live.soak import Soak


def test_amid_faults_every_number_is_the_markets_and_nothing_is_left() -> None:
    account = Soak(16, seed=3).run()
    assert account.wrong == []
    assert account.quotes
    assert sum(account.faults.values()) > 1
    assert account.stands_in
    assert account.before is not None
    assert account.late is not None
    assert account.after is not None
    assert account.late.tasks < 100
    assert account.after.sockets == 0
    assert account.after.threads <= account.before.threads
    assert account.after.descriptors <= account.before.descriptors
