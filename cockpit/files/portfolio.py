"""The portfolio file: what a trader owns, read into a book and written from one."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import NoReturn

from msgspec import Struct, field

from cockpit.files.symbols import ACCOUNT, ASSET, VENUE
from cockpit.files.toml import bad, nearest, parse, read_text, render
from cockpit.model.assets import Sector, Universe
from cockpit.model.book import Account, Book, Position, Side, initial_margin
from cockpit.model.instruments import QUOTE, perp_symbol
from cockpit.model.money import ONE, UNIT, ZERO, plain

SCHEMA = 1
PAPER = "paper"
LEVERAGE_MAX = 125
_LARGEST = Decimal(10) ** 15
_DIGITS = 28
"""Beyond these, exact arithmetic would round: no quantity, price or notional of a portfolio needs them."""
_LEVERAGE_STEP = Decimal("0.000000000001")
Refuse = Callable[[str, str], NoReturn]


class PositionEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A position of the file. Its margin is quantity * entry / leverage, or given in quote units instead of `leverage`."""

    symbol: str
    side: Side
    quantity: Decimal
    entry_price: Decimal
    leverage: Decimal | None = None
    margin: Decimal | None = None
    stop_price: Decimal | None = None
    opened_at: datetime | None = None


class AccountEntry(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An account of the file."""

    id: str
    venue: str
    spot: dict[str, Decimal] = {}
    futures_wallet: Decimal = ZERO
    positions: tuple[PositionEntry, ...] = field(name="position", default=())


class Exclude(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What no plan may trade."""

    assets: tuple[str, ...] = ()


class PortfolioFile(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The portfolio file, whole."""

    schema: int
    name: str
    accounts: tuple[AccountEntry, ...] = field(name="account")
    prices: dict[str, Decimal] = {}
    sectors: dict[str, Sector] = {}
    exclude: Exclude = Exclude()


def load_portfolio(path: Path, universe: Universe | None = None) -> Book:
    """The book of a portfolio file; BadInput with one sentence (file, key, what to do) where it cannot be used.

    With a `universe`, an asset under [prices], [sectors] or [exclude] that is neither held nor in it is refused as a slip.
    """
    return parse_portfolio(read_text(path), source=str(path), universe=universe)


def parse_portfolio(text: str, *, source: str, universe: Universe | None = None) -> Book:
    """The book of a portfolio file's text. Errors as `load_portfolio`."""
    file = parse(text, PortfolioFile, source=source, free_text=("name",))

    def refuse(key: str, sentence: str) -> NoReturn:
        raise bad(source, key, sentence)

    if file.schema != SCHEMA:
        refuse("schema", f"is {file.schema}; this version reads schema {SCHEMA}")
    if not file.name:
        refuse("name", "is empty; give the portfolio a name")
    if not file.accounts:
        refuse("account", "is missing; add at least one [[account]]")
    _check_assets(file, refuse)
    book = Book(
        name=file.name,
        accounts=tuple(_account(entry, f"account[{i}]", file.prices, refuse) for i, entry in enumerate(file.accounts)),
        pinned_prices=dict(file.prices),
        sectors=dict(file.sectors),
        excluded=file.exclude.assets,
    )
    _check_ids(book.accounts, refuse)
    if universe is not None:
        _check_known(book, file, universe, refuse)
    return book


def dump_portfolio(book: Book) -> str:
    """The portfolio file of a book; reading it back gives the same book at revision 0."""
    return render(
        PortfolioFile(
            schema=SCHEMA,
            name=book.name,
            accounts=tuple(_entry(account) for account in book.accounts),
            prices=book.pinned_prices,
            sectors=book.sectors,
            exclude=Exclude(assets=book.excluded),
        )
    )


def _account(entry: AccountEntry, key: str, prices: Mapping[str, Decimal], refuse: Refuse) -> Account:
    if not ACCOUNT.fullmatch(entry.id):
        refuse(f"{key}.id", f'"{entry.id}" is no account id; use up to 32 letters, digits, _ and -')
    if not VENUE.fullmatch(entry.venue):
        refuse(f"{key}.venue", f'"{entry.venue}" is no venue; write it in small letters, such as "paper"')
    for asset, quantity in entry.spot.items():
        _check_asset(asset, f"{key}.spot.{asset}", refuse)
        _check_size(quantity, f"{key}.spot.{asset}", refuse)
        if quantity < 0:
            refuse(f"{key}.spot.{asset}", f"is {plain(quantity)}; a holding cannot be negative")
    _check_size(entry.futures_wallet, f"{key}.futures_wallet", refuse)
    if entry.futures_wallet < 0:
        refuse(f"{key}.futures_wallet", f"is {plain(entry.futures_wallet)}; a wallet cannot be negative")
    sides: dict[str, Side] = {}
    positions = []
    for index, position in enumerate(entry.positions):
        where = f"{key}.position[{index}]"
        other = sides.setdefault(position.symbol, position.side)
        if index and any(p.symbol == position.symbol for p in entry.positions[:index]):
            why = (
                "merge them into one" if other is position.side else "hedge mode is not supported: keep one side, in one-way mode"
            )
            refuse(where, f"is a second position in {position.symbol}; {why}")
        positions.append(_position(position, where, prices, refuse, told=entry.venue != PAPER))
    account = Account(
        id=entry.id,
        venue=entry.venue,
        spot={asset: quantity for asset, quantity in entry.spot.items() if quantity},
        futures_wallet=entry.futures_wallet,
        positions=tuple(positions),
    )
    if account.free_wallet < 0:
        needed, held = plain(account.margin_used), plain(account.futures_wallet)
        refuse(
            f"{key}.futures_wallet", f"is {held}, less than the margin of its positions, {needed}; it counts free part and margin"
        )
    return account


def _position(entry: PositionEntry, key: str, prices: Mapping[str, Decimal], refuse: Refuse, *, told: bool) -> Position:
    """`told`: a venue says so; its stop may have followed the price beyond the entry, which is no slip of a pen."""
    asset = _perpetual(entry.symbol, f"{key}.symbol", refuse)
    for name in ("quantity", "entry_price", "leverage", "margin", "stop_price"):
        value = getattr(entry, name)
        if value is not None and value <= 0:
            refuse(f"{key}.{name}", f"is {plain(value)}; it must be above zero")
        if value is not None:
            _check_size(value, f"{key}.{name}", refuse)
    if entry.quantity * entry.entry_price >= _LARGEST:
        refuse(f"{key}.quantity", "means a notional that no market has; check quantity and entry_price")
    if (entry.leverage is None) == (entry.margin is None):
        refuse(
            f"{key}.leverage",
            "is missing; give either leverage or margin" if entry.margin is None else "give leverage or margin, not both",
        )
    if entry.leverage is not None:
        _check_leverage(entry.leverage, f"{key}.leverage", refuse)
        margin = initial_margin(entry.quantity, entry.entry_price, entry.leverage)
    else:
        margin = entry.margin or ZERO
        # A position that was topped up, or rounded at 1x, stands below a leverage of 1: only too little margin is wrong.
        _check_leverage(max(ONE, entry.quantity * entry.entry_price / margin), f"{key}.margin", refuse)
    if margin < UNIT:
        refuse(f"{key}.quantity", "is too small to carry a margin")
    if entry.stop_price is not None:
        pinned = prices.get(asset)
        if pinned or not told:
            _check_stop(entry.side, entry.stop_price, pinned or entry.entry_price, bool(pinned), f"{key}.stop_price", refuse)
    return Position(
        asset=asset,
        side=entry.side,
        quantity=entry.quantity,
        entry_price=entry.entry_price,
        margin=margin,
        stop_price=entry.stop_price,
        opened_at=entry.opened_at,
    )


def _check_leverage(leverage: Decimal, key: str, refuse: Refuse) -> None:
    if not 1 <= leverage <= LEVERAGE_MAX:
        shown = plain(leverage.quantize(Decimal("0.01")))
        refuse(key, f"means a leverage of {shown}; it must lie between 1 and {LEVERAGE_MAX}")


def _check_size(value: Decimal, key: str, refuse: Refuse) -> None:
    if abs(value) >= _LARGEST or len(value.as_tuple().digits) > _DIGITS:
        refuse(key, f"is too large or has more than {_DIGITS} digits")


def _check_stop(side: Side, stop: Decimal, price: Decimal, pinned: bool, key: str, refuse: Refuse) -> None:
    if (stop - price) * side.sign >= 0:
        what = "the pinned price" if pinned else "the entry price"
        where = "below" if side is Side.LONG else "above"
        refuse(key, f"is {plain(stop)}; the stop of a {side} must lie {where} {what}, {plain(price)}")


def _perpetual(symbol: str, key: str, refuse: Refuse) -> str:
    """The base asset of a USDT-linear perpetual's symbol; anything else is refused with the reason."""
    pair, colon, settle = symbol.partition(":")
    base, slash, quote = pair.partition("/")
    example = f'write it as "{perp_symbol("ETH")}"'
    if not (slash and ASSET.fullmatch(base) and ASSET.fullmatch(quote)):
        refuse(key, f'"{symbol}" is no perpetual; {example}')
    if not colon:
        refuse(key, f'"{symbol}" is a spot pair; a position needs a perpetual, {example}')
    if base == QUOTE:
        refuse(key, f"{QUOTE} has no perpetual against itself")
    if settle == base:
        refuse(key, f'"{symbol}" is coin-margined (settled in {base}); only {QUOTE}-linear perpetuals are supported')
    if "-" in settle:
        refuse(key, f'"{symbol}" is a dated contract; only perpetuals are supported')
    if quote != QUOTE or settle != QUOTE:
        refuse(key, f'"{symbol}" is not settled in {QUOTE}; only {QUOTE}-linear perpetuals are supported')
    return base


def _check_assets(file: PortfolioFile, refuse: Refuse) -> None:
    for asset, price in file.prices.items():
        _check_asset(asset, f"prices.{asset}", refuse)
        if asset == QUOTE:
            refuse(f"prices.{asset}", f"{QUOTE} is the unit of account and always 1; remove it")
        _check_size(price, f"prices.{asset}", refuse)
        if price <= 0:
            refuse(f"prices.{asset}", f"is {plain(price)}; a price must be above zero")
    for asset, sector in file.sectors.items():
        _check_asset(asset, f"sectors.{asset}", refuse)
        if sector is Sector.EXCLUDED:
            refuse(f"sectors.{asset}", "EXCLUDED is no sector to choose; list the asset under [exclude] assets")
        if asset == QUOTE and sector is not Sector.STABLE:
            refuse(f"sectors.{asset}", f"{QUOTE} is the unit of account and always STABLE; remove it")
    for index, asset in enumerate(file.exclude.assets):
        _check_asset(asset, f"exclude.assets[{index}]", refuse)
        if asset == QUOTE:
            refuse(f"exclude.assets[{index}]", f"{QUOTE} is the unit of account and cannot be excluded; remove it")


def _check_asset(asset: str, key: str, refuse: Refuse) -> None:
    if not ASSET.fullmatch(asset):
        refuse(key, f'"{asset}" is no ticker; use up to 20 capital letters and digits')


def _check_ids(accounts: tuple[Account, ...], refuse: Refuse) -> None:
    seen: set[str] = set()
    for index, account in enumerate(accounts):
        if account.id.lower() in seen:
            refuse(f"account[{index}].id", f'"{account.id}" is used twice; give every account an id of its own')
        seen.add(account.id.lower())


def _check_known(book: Book, file: PortfolioFile, universe: Universe, refuse: Refuse) -> None:
    # An asset of which the file holds "0" was not mistyped: its line waits for the next purchase.
    named = [asset for entry in file.accounts for asset in entry.spot]
    known = dict.fromkeys((*book.assets(), *named, *universe.assets))

    def check(assets: Iterable[str], table: str) -> None:
        for asset in assets:
            if asset not in known:
                refuse(f"{table}.{asset}", f"is neither held nor in the universe{nearest(asset, known)}")

    check(book.pinned_prices, "prices")
    check(book.sectors, "sectors")
    check(book.excluded, "exclude.assets")


def _entry(account: Account) -> AccountEntry:
    return AccountEntry(
        id=account.id,
        venue=account.venue,
        spot=account.spot,
        futures_wallet=account.futures_wallet,
        positions=tuple(_position_entry(position) for position in account.positions),
    )


def _position_entry(position: Position) -> PositionEntry:
    """Leverage where it gives back the margin exactly, else the margin itself."""
    leverage = position.leverage.quantize(_LEVERAGE_STEP, ROUND_HALF_EVEN)
    exact = leverage >= 1 and initial_margin(position.quantity, position.entry_price, leverage) == position.margin
    return PositionEntry(
        symbol=position.symbol,
        side=position.side,
        quantity=position.quantity,
        entry_price=position.entry_price,
        leverage=leverage if exact else None,
        margin=None if exact else position.margin,
        stop_price=position.stop_price,
        opened_at=position.opened_at,
    )
