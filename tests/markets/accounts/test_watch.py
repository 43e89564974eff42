"""A watched account is polled again and again: what changed is seen with the next poll, what fails changes nothing."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal
from types import MappingProxyType

import pytest

from cockpit.markets.accounts.watch import AccountWatch
from cockpit.markets.live.budget import Budget
from cockpit.markets.live.fault import Fault, Kind
from cockpit.markets.venues import VENUES
from cockpit.model.credentials import Credentials
from cockpit.model.sources import Health, Watch
from tests.loopback.custody import Keeper
from tests.loopback.private_binance import BinancePrivate
from tests.loopback.private_bybit import BybitPrivate
from tests.loopback.server import Loopback
from tests.pseudo_terminal import PATIENCE

pytestmark = pytest.mark.usefixtures("unpaced")
D = Decimal
BINANCE, BYBIT = Watch(account="main", venue="binance"), Watch(account="second", venue="bybit")


@asynccontextmanager
async def watching(
    loopback: Loopback, key: Credentials, *watches: Watch, budgets: Mapping[str, Budget] = MappingProxyType({})
) -> AsyncIterator[AccountWatch]:
    keys = {watch.account: key for watch in watches}
    watch = AccountWatch(
        watches, keys, clock=lambda: datetime.now(UTC), gateway=loopback.gateway, every=0.05, budgets=budgets.get
    )
    task = asyncio.create_task(watch.run())
    try:
        yield watch
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await watch.close()


async def until(holds: Callable[[], object]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not holds():
            await asyncio.sleep(0.01)


def assets(watch: AccountWatch, account: str = "main") -> list[str]:
    return [position.asset for position in watch.seen()[account].account.positions]


async def test_accounts_at_several_venues_are_seen_each_with_its_time(loopback: Loopback, key: Credentials) -> None:
    began = datetime.now(UTC)
    async with watching(loopback, key, BINANCE, BYBIT) as watch:
        await until(lambda: len(watch.seen()) == 2)
        assert {name: seen.account.venue for name, seen in watch.seen().items()} == {"main": "binance", "second": "bybit"}
        first = watch.seen()["main"].at
        assert first >= began
        await until(lambda: watch.seen()["main"].at > first)
        assert [source.health for source in watch.sources()] == [Health.GOOD, Health.GOOD]
        assert watch.sources()[0].name == "Binance, account main"


async def test_a_position_closed_elsewhere_is_gone_with_the_next_poll(loopback: Loopback, key: Credentials) -> None:
    async with watching(loopback, key, BINANCE) as watch:
        await until(watch.seen)
        assert assets(watch) == ["ETH"]
        loopback.vendor(BinancePrivate).custody.positions = []
        await until(lambda: assets(watch) == [])


async def test_an_account_that_was_never_read_says_why(loopback: Loopback, key: Credentials) -> None:
    loopback.fault("binance", "451")
    async with watching(loopback, key, BINANCE) as watch:
        await until(watch.notes)
        assert watch.notes() == {"main": ("it is not read: Binance does not serve this country or this host's address",)}


@pytest.mark.parametrize("fault", ["reset", "html", "truncated", "451", "500"])
async def test_a_poll_that_fails_keeps_what_was_seen_last(loopback: Loopback, key: Credentials, fault: str) -> None:
    async with watching(loopback, key, BINANCE) as watch:
        await until(watch.seen)
        loopback.fault("fapi", fault, path="openAlgoOrders")
        await until(lambda: watch.sources()[0].health is not Health.GOOD)  # no poll that began before is under way
        custody = loopback.vendor(BinancePrivate).custody
        custody.positions, custody.spot = [], {}
        seen = watch.seen()["main"]
        assert seen.account.spot["USDT"] == D(40000)
        assert assets(watch) == ["ETH"]
        assert "asked again" in watch.sources()[0].sentence
        assert watch.notes()["main"][0].startswith("it is not read again: Binance ")
        await asyncio.sleep(0.2)
        assert watch.seen()["main"] == seen


async def test_an_account_that_is_suddenly_empty_is_looked_at_twice(loopback: Loopback, key: Credentials) -> None:
    vendor = loopback.vendor(BinancePrivate)
    async with watching(loopback, key, BINANCE) as watch:
        vendor.custody.positions, vendor.custody.wallet = [], {"USDT": D(0)}
        await until(lambda: watch.seen() and assets(watch) == [])
        looked = len(loopback.asked("api.binance.com", "/api/v3/account"))
        loopback.fault("api.binance.com", "body", path="/api/v3/account$", times=1, status=200, body='{"balances":[]}')
        await until(lambda: len(loopback.asked("api.binance.com", "/api/v3/account")) > looked + 2)
        assert watch.seen()["main"].account.spot["USDT"] == D(40000)
        vendor.custody.spot = {}
        await until(lambda: watch.seen()["main"].account.spot == {})


async def test_a_key_that_can_withdraw_is_not_used(loopback: Loopback, key: Credentials) -> None:
    custody = loopback.vendor(BybitPrivate).custody
    custody.withdraw, custody.reads_only = True, False
    async with watching(loopback, key, BYBIT) as watch:
        await until(watch.notes)
        assert "can withdraw from Bybit and is not used" in watch.notes()["second"][0]
        assert watch.sources()[0].health is Health.FAILING
        assert watch.seen() == {}
    assert [one.path for one in loopback.requests] == ["/v5/user/query-api"]


async def test_what_a_position_lost_is_seen_apart_from_what_was_paid_out_with_it(loopback: Loopback, key: Credentials) -> None:
    custody = loopback.vendor(BinancePrivate).custody
    async with watching(loopback, key, BINANCE) as watch:
        await until(watch.seen)
        before = watch.seen()["main"]
        assert before.made is not None
        loopback.fault("fapi", "500")  # all of it between two looks
        await until(lambda: watch.sources()[0].health is not Health.GOOD)
        custody.positions = []
        custody.book("pnl", D(-1000))
        custody.book("transfer", D(-3000))
        loopback.heal()
        await until(lambda: assets(watch) == [])
        after = watch.seen()["main"]
        assert after.account.futures_wallet == D("1000.25")
        assert after.made is not None
        assert (after.made.run, after.made.total - before.made.total) == (before.made.run, D(-1000))


async def test_what_no_book_carries_is_told_and_the_rest_stays(loopback: Loopback, key: Credentials) -> None:
    async with watching(loopback, key, BINANCE) as watch:
        await until(watch.seen)
        loopback.vendor(BinancePrivate).custody.odd = ["BTCUSD_PERP"]
        await until(lambda: any("BTCUSD_PERP" in note for note in watch.notes()["main"]))
        assert assets(watch) == ["ETH"]
        at = watch.seen()["main"].at
        source = watch.sources()[0]
        assert (source.health, source.used_for) == (Health.FAILING, ()), "it answers, and yet the account is not read"
        assert "cannot be shown whole" in source.sentence
        loopback.vendor(BinancePrivate).custody.odd = []
        await until(lambda: watch.seen()["main"].at > at and watch.sources()[0].health is Health.GOOD)


async def test_a_key_that_is_refused_says_what_to_look_at(loopback: Loopback, key: Credentials) -> None:
    async with watching(loopback, Credentials("other", key.secret, key.password), BINANCE) as watch:
        await until(watch.notes)
        assert watch.notes()["main"] == (
            "it is not read: Binance refused the request: Invalid API-key, IP, or permissions for action (-2015); "
            "look at the key, its secret, its right to read and the addresses that it is bound to",
        )


async def test_one_accounts_trouble_is_not_the_others(loopback: Loopback, key: Credentials) -> None:
    async with watching(loopback, key, BINANCE, BYBIT) as watch:
        loopback.fault("binance", "451")
        await until(lambda: "second" in watch.seen())
        custody: Keeper = loopback.vendor(BybitPrivate)
        custody.custody.positions = []
        await until(lambda: assets(watch, "second") == [])


async def test_what_an_account_uses_of_a_limit_is_told_to_all_who_ask_the_venue(loopback: Loopback, key: Credentials) -> None:
    heard: list[str] = []
    shared = Budget(VENUES["binance"].budgets, heard.append)
    async with watching(loopback, key, BINANCE, budgets={"binance": shared}) as watch:
        await until(watch.seen)
        loopback.vendor(BinancePrivate).used = 1700
        await until(lambda: watch.sources()[0].left == "700 of 2,400 weight a minute")
        assert heard[-1] == shared.left() == watch.sources()[0].left


async def test_too_many_requests_for_an_account_let_everybody_rest_at_that_venue(loopback: Loopback, key: Credentials) -> None:
    shared = {"binance": Budget({}), "bybit": Budget({})}
    loopback.fault("api.binance.com", "429", path="/api/v3/account", retry_after=30)
    async with watching(loopback, key, BINANCE, BYBIT, budgets=shared) as watch:
        await until(lambda: shared["binance"].forbids)
        await until(lambda: "second" in watch.seen())
        assert watch.sources()[0].health is Health.RESTING
        assert shared["bybit"].forbids is None


async def test_no_account_is_read_at_a_venue_that_was_asked_too_often_for_prices(loopback: Loopback, key: Credentials) -> None:
    shared = Budget({})
    shared.rests(Fault(Kind.BANNED, retry_after=60))
    other = Watch(account="third", venue="binance")
    async with watching(loopback, key, BINANCE, other, BYBIT, budgets={"binance": shared}) as watch:
        await until(lambda: "second" in watch.seen() and len(watch.notes()) == 3)
        assert watch.notes()["main"] == ("it is not read: Binance has banned this address for too many requests",)
        assert not loopback.asked("binance")


async def test_nothing_is_left_open(loopback: Loopback, key: Credentials) -> None:
    before = asyncio.all_tasks()
    async with watching(loopback, key, BINANCE, BYBIT) as watch:
        await until(lambda: len(watch.seen()) == 2)
    assert asyncio.all_tasks() == before
    assert all(one.client._exchange.session is None or one.client._exchange.session.closed for one in watch._watched)
