"""What the capability table of the venues is made of: its rows' fields, in the words of the field."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from msgspec import Struct

from cockpit.model.instruments import Kind


class Paging(StrEnum):
    """How a long series is asked for piece by piece."""

    FORWARD = "the start moves on"
    BACKWARD = "the end moves back"
    PAGES = "pages have numbers"
    NEWEST = "only the newest are given"


class Unit(StrEnum):
    """What a number of a venue counts."""

    BASE = "base units"
    CONTRACTS = "contracts"
    QUOTE = "quote units"


class IntervalFrom(StrEnum):
    """Where the interval of a funding rate is said."""

    RATE = "with each rate"
    LISTING = "with the listing, in minutes, as info.fundingInterval"
    EXCEPTIONS = "in a list of those that are not 8 hours"
    FIXED = "in the venue's rules"


class Call(Struct, frozen=True):
    """A unified call of ccxt, by its name there, with the parameters that it needs.

    `named`: it must be told which symbols, for at one that is not in the listing it fails altogether.
    """

    method: str
    params: dict[str, str] = {}
    named: bool = False


class Series(Struct, frozen=True, kw_only=True):
    """How a series by time is asked for: `most` rows a call at most; `until` is the parameter that ends a piece, or ""."""

    most: int
    paging: Paging
    until: str = ""


class Stream(Struct, frozen=True, kw_only=True):
    """What comes by WebSocket. `many`: one call follows the order books of several symbols; `depths` are those it takes."""

    books: bool = True
    many: bool = False
    depths: tuple[int, ...] = ()
    tickers: bool = False


class Funding(Struct, frozen=True, kw_only=True):
    """How the funding of perpetuals is read.

    `rates` gives all of them at once; None: one symbol a call (`fetch_funding_rate`). `rate` names the fields that may carry the
    rate of the running interval, the first that is there counts; `next_at` those that may carry the time of the next payment, of
    which the first that lies in the future counts: without any, payments fall on whole intervals of UTC. `interval_hours` holds
    where nothing else is said.
    """

    rates: Call | None
    rate: tuple[str, ...] = ("fundingRate",)
    next_at: tuple[str, ...] = ("fundingTimestamp", "nextFundingTimestamp")
    interval: IntervalFrom = IntervalFrom.RATE
    interval_hours: Decimal = Decimal(8)
    history: Series


class OpenInterest(Struct, frozen=True, kw_only=True):
    """Where open interest is read and what it counts. `of_all`: one call gives it for every symbol."""

    call: Call
    field: str
    unit: Unit
    of_all: bool = False


class Tiers(Struct, frozen=True, kw_only=True):
    """Where the margin tiers are read, what their bounds count, and whether no key is needed. `of_all`: as for open interest.

    `whole_position`: a tier's rate holds for the whole position, not only for what lies above the tier's floor.
    """

    call: Call
    unit: Unit
    public: bool
    of_all: bool = False
    whole_position: bool = False


class Budget(Struct, frozen=True, kw_only=True):
    """What an address may ask: so much weight in so many seconds. `used` and `left` name the headers that say how it stands."""

    weight: int
    seconds: int
    used: str = ""
    left: str = ""
    of_each_path: bool = False


class Side(Struct, frozen=True, kw_only=True):
    """One side of a venue's public data, spot or perpetuals: what gives what.

    `best` gives the best bid and ask of every symbol, None where no call gives them; `mark` gives the mark price of every
    perpetual as `mark_field`, None where the middle of the best prices is the mark. `listed` are ccxt's settings that keep the
    listing short. `settle` other than USDT: nothing of this side is quoted or traded here. `book_limits` are the depths that an
    order book may be asked for, from the venue's own list; () means any number up to `book_most`.
    """

    kind: Kind
    ccxt: str
    type: str
    quote: str
    settle: str = ""
    best: Call | None
    mark: Call | None = None
    mark_field: str = "markPrice"
    book_limits: tuple[int, ...] = ()
    book_most: int
    candles: Series | None
    funding: Funding | None = None
    open_interest: OpenInterest | None = None
    tiers: Tiers | None = None
    contract_size: Decimal | None = Decimal(1)
    stream: Stream | None = None
    budget: Budget
    hosts: tuple[str, ...]

    @property
    def quoted(self) -> bool:
        """Whether its prices are quotes here: it is in USDT throughout, and says its best bid and ask."""
        return self.quote == "USDT" and self.settle in ("", "USDT") and self.best is not None


class Trap(Struct, frozen=True, kw_only=True):
    """What goes wrong with a venue when it is taken at its word. `gate` is what is done about it; both are sentences."""

    id: str
    sentence: str
    gate: str


class Lookup(Struct, frozen=True, kw_only=True):
    """How an order is found again by the id that we gave it: the call, and the parameter that carries the id.

    `raw`: the call is one of the venue's own, which takes the symbol as the venue writes it. `then` is asked after it in vain.
    """

    call: str
    param: str
    raw: bool = False
    then: tuple[str, ...] = ()


class ClientId(Struct, frozen=True, kw_only=True):
    """The id that we give to an order: the unified parameter, the venue's own field, and what it may be made of.

    `most` is the longest, in characters; None: the venue does not say. `trigger_field` is the field of conditional orders where
    it is another one.
    """

    kind: Kind
    field: str
    most: int | None
    lookup: Lookup
    trigger_field: str = ""
    param: str = "clientOrderId"


class Practice(StrEnum):
    """Where orders can be tried without money."""

    BOTH = "a test network and demo trading"
    DEMO = "demo trading"
    SWAP_ONLY = "demo trading, perpetuals only"
    NONE = "nowhere"


class Orders(Struct, frozen=True, kw_only=True):
    """What sending orders to a venue needs to know.

    `batch` is how many orders a call may carry, 0: one by one. `transfer` are ccxt's names of the two wallets, () where ccxt
    cannot transfer or where one wallet serves both. `unknown_codes` are error codes after which an order may have been taken,
    although ccxt's class says otherwise; `clock_codes` say that the clock is wrong. `precheck` and `rights` are ccxt's names of
    the calls that check an order and that tell what a key may do, "" where there is none: what is not told is unknown.
    """

    ids: tuple[ClientId, ...]
    batch: int = 0
    edit: bool = False
    transfer: tuple[str, str] | tuple[()] = ()
    leverage: str = ""
    margin_mode: str = ""
    position_mode: str = ""
    practice: Practice = Practice.NONE
    precheck: str = ""
    rights: str = ""
    unknown_codes: tuple[str, ...] = ()
    clock_codes: tuple[str, ...] = ()
    password: bool = False


class Capabilities(Struct, frozen=True, kw_only=True):
    """A row of the table: a venue as `id`, its name, its two sides, its traps, and its orders where they are known.

    `options` are ccxt's settings of both sides. `adjusts_clock`: ccxt can correct for a wrong clock by itself.
    """

    id: str
    name: str
    sides: tuple[Side, ...]
    traps: tuple[Trap, ...]
    orders: Orders | None = None
    options: dict[str, object] = {}
    adjusts_clock: bool = False

    def side(self, kind: Kind) -> Side | None:
        """Its side of a kind; None where it has none."""
        return next((side for side in self.sides if side.kind is kind), None)

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes of ccxt that serve it, each once."""
        return tuple(dict.fromkeys(side.ccxt for side in self.sides))

    @property
    def budgets(self) -> dict[str, Budget]:
        """The limit of every host that its public data comes from."""
        return {host: side.budget for side in self.sides for host in side.hosts}

    @property
    def hosts(self) -> tuple[str, ...]:
        """Every host that its public data comes from, each once."""
        return tuple(dict.fromkeys(host for side in self.sides for host in side.hosts))
