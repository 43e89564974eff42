"""Holds every number that a screen paints against the market's world, and counts them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, NamedTuple

from cockpit.model.assets import Sector
from cockpit.model.instruments import perp_symbol, spot_symbol
from cockpit.model.picture import Picture
from cockpit.model.readings import PHASES, PhaseCall, Reading
from cockpit.model.sources import Health, standing_in
from tests.loopback import World
from tests.markets.live.painted import Block, Row, agrees, fact, number, table, within
from tests.markets.live.reckoned import Reckoned, liquidation

if TYPE_CHECKING:
    from tests.markets.live.compared_drawn import Past

OLD = timedelta(seconds=10)
ASSET = re.compile(r"[A-Z0-9]+")
LEG = re.compile(r"(SHORT|LONG) (?:([\d,.]+) )?([A-Z0-9]+)")
READINGS = ("strength", "momentum", "funding", "RSI", "TVL 30d")
"""The columns of the heatmap whose title is what the reading is called."""
NEAR = 1e-6
"""How far a signal may be from the world's, which was read with fewer digits."""
CHANGED = timedelta(minutes=5)
"""How long after a settlement a funding rate of before it may still be told."""


class Truth(NamedTuple):
    """What the signals say of the world's own history at the close of a day."""

    call: PhaseCall
    readings: Mapping[tuple[str, str], Reading]
    past: Past


@dataclass
class Compared:
    """How many figures were held against the world, pane by pane, and sentences about those that were wrong."""

    figures: Counter[str] = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)

    def note(self, where: str, holds: bool, sentence: str) -> None:
        """One figure more."""
        self.figures[where] += 1
        if not holds:
            self.wrong.append(f"{where}: {sentence}")

    def exact(self, where: str, name: str, text: str, value: Decimal | None) -> None:
        """A figure that must be this value, rounded to its places; nothing where nothing is painted."""
        if text and value is not None:
            self.note(where, agrees(text, value), f"{name} is painted as {text}, and is {value}")

    def between(self, where: str, name: str, text: str, least: Decimal, most: Decimal) -> None:
        """A figure that must lie between these."""
        if text:
            self.note(where, within(text, least, most), f"{name} is painted as {text}, and lies between {least} and {most}")


class Look:
    """One look at the screen: its blocks, and the picture that is shown there."""

    def __init__(self, found: Compared, world: World, picture: Picture, truth: Truth | None) -> None:
        assert picture.book is not None
        assert picture.market is not None
        self._found, self._world, self._picture, self._truth = found, world, picture, truth
        self._quotes = picture.market.quotes
        prices = {symbol: quote.mark for symbol, quote in self._quotes.items()}
        self._sum = Reckoned(picture.book, prices, picture.sectors)

    def judge(self, blocks: Sequence[Block]) -> None:
        """All of them."""
        raw = any("raw values" in block.text for block in blocks)
        for block in blocks:
            if block.name == "header":
                self._header(block)
            elif block.name != "ticket":
                self._wallets(block)
                self._holdings(block)
                self._perpetuals(block)
                self._detail(block)
                self._phase(block)
                self._signals(block, raw=raw)

    # The header

    def _header(self, block: Block) -> None:
        text, picture, found = block.text, self._picture, self._found
        found.exact("header", "NAV", fact(text, "NAV"), self._sum.nav)
        assert picture.book is not None
        valuing = {*map(spot_symbol, picture.book.assets()), *(position.symbol for _, position in picture.book.positions())}
        moving = [quote.at for symbol, quote in self._quotes.items() if symbol in valuing and not quote.pinned]
        oldest = picture.now - min(moving)
        painted = re.search(r"quotes (\d+) (s|min|h|d)( OLD)?", text)
        if painted is not None:
            found.note(
                "header", painted[0].removeprefix("quotes ") == age(oldest) + " OLD" * (oldest > OLD), f"{painted[0]} of {oldest}"
            )
        elif "NO UPDATE" not in text:
            found.note("header", False, f"no age of the quotes in {text!r}")
        found.note("header", "LIVE" in text and "PAPER" in text, f"which market it is, is not in {text!r}")
        instead = standing_in(picture.sources)
        said = "OFFLINE" in text or "FALL-BACK" in text or " FOR " in text
        found.note("header", said or not instead, f"nothing of the fall-back in {text!r}")
        found.note("header", " FOR " not in text or bool(instead), f"a fall-back that is none in {text!r}")
        found.note("header", "OFFLINE" not in text or oldest > OLD, f"offline with fresh quotes: {text!r}")
        if self._truth is not None and whole(picture, self._truth):
            call = self._truth.call
            found.note(
                "header",
                f"{call.phase.value} {call.phase.words}"[:12] in text or f"{call.phase.value} {call.phase.short}" in text,
                f"the phase is {call.phase}: {text!r}",
            )
            painted_score = re.search(rf"{call.level.value} (\d\.\d\d)", text)
            if call.confidence is not None:
                found.note(
                    "header",
                    painted_score is not None and near(painted_score[1], call.confidence),
                    f"the confidence is {call.confidence}: {text!r}",
                )

    # The book

    def _wallets(self, block: Block) -> None:
        text, sum_, put = block.text, self._sum, self._found.exact
        if not fact(text, "NAV") or not fact(text, "futures wallet") or " → " in text.partition("NAV ")[2].split("\n")[0]:
            return
        equity = sum_.wallet + sum_.pnl()
        for name, value in (
            ("NAV", sum_.nav),
            ("cash", sum_.cash),
            ("futures wallet", sum_.wallet),
            ("margin", sum_.margin()),
            ("free reserve", sum_.cash / sum_.nav * 100),
            ("gross futures", sum_.gross / sum_.nav * 100),
            ("futures leverage", sum_.gross / equity),
            ("unrealised PnL", sum_.pnl()),
        ):
            put("wallets", name, fact(text, name), value)

    def _holdings(self, block: Block) -> None:
        for row in table(block, "asset", "spot", "perp", "net"):
            name = row.name.split()[0]
            if name in Sector.__members__:
                self._sector(row, Sector[name])
            elif ASSET.fullmatch(name):
                self._asset(row, name)

    def _sector(self, row: Row, sector: Sector) -> None:
        assets = self._sum.assets(sector)
        weight = self._sum.weight(sector)
        self._row(row, self._sum.spot(assets), self._sum.perp(assets), self._sum.net(sector), weight)
        if any(self._sum.positions(asset) for asset in assets):
            self._found.exact("holdings", f"PnL of {row.name}", row.cells.get("PnL", ""), self._sum.pnl(assets))
        target = self._picture.target_weights.get(sector)
        painted = row.cells.get("target", "") or row.cells.get("weight %", "").partition("→")[2]
        self._found.exact("holdings", f"target of {row.name}", painted, None if target is None else target * 100)

    def _asset(self, row: Row, asset: str) -> None:
        sum_, cells = self._sum, row.cells
        stable = self._picture.sectors[asset] is Sector.STABLE
        net = sum_.spot([asset]) + sum_.perp([asset])
        self._row(row, sum_.spot([asset]), None if stable else sum_.perp([asset]), net, net / sum_.nav * 100)
        symbols = [
            *([spot_symbol(asset)] if sum_.coins(asset) and not stable else []),
            *(one.symbol for one in sum_.positions(asset)),
        ]
        ages = [self._picture.now - self._quotes[symbol].at for symbol in symbols]
        painted = " OLD " in row.name or row.cells["asset"].lstrip("▸ ").startswith("!")
        self._found.note("holdings", painted == any(each > OLD for each in ages), f"{row.cells['asset']!r} of quotes {ages} old")
        self._found.exact("holdings", f"price of {asset}", cells.get("price", ""), None if stable else sum_.price(asset))
        for position in sum_.positions(asset):
            self._leg(row, position.asset)

    def _row(self, row: Row, spot: Decimal, perp: Decimal | None, net: Decimal, weight: Decimal) -> None:
        put, cells = self._found.exact, row.cells
        for title, value in (("spot", spot), ("perp", perp), ("net", net), ("now %", weight), ("weight %", weight)):
            if cells.get(title, "–") not in ("–", ""):
                put("holdings", f"{title} of {row.name}", cells[title], value)

    def _perpetuals(self, block: Block) -> None:
        for row in table(block, "perpetual", "PnL", "liq. away"):
            leg = LEG.search(row.cells["perpetual"])
            if leg is not None:
                self._leg(row, leg[3])

    def _leg(self, row: Row, asset: str) -> None:
        """The figures of a perpetual, wherever they stand."""
        for position in self._sum.positions(asset):
            cells, put, mark = row.cells, self._found.exact, self._sum.mark(asset)
            ends = liquidation(position, self._world.tiers(position.symbol))
            put("perpetuals", f"PnL of {row.name}", cells.get("PnL", ""), self._sum.pnl([asset]))
            put("perpetuals", f"mark of {row.name}", cells.get("mark", ""), mark)
            put("perpetuals", f"entry of {row.name}", cells.get("entry", ""), position.entry_price)
            put("perpetuals", f"quantity of {row.name}", cells.get("quantity", ""), position.quantity)
            if ends is not None:
                put("perpetuals", f"liq. away of {row.name}", cells.get("liq. away", ""), (ends / mark - 1) * 100)
                put("perpetuals", f"liquidation of {row.name}", cells.get("liquidation", ""), ends)
            if position.stop_price is None:
                self._found.note("perpetuals", "NO STOP" in cells.get("stop away", "NO STOP"), f"{row.cells} without a stop")
            else:
                put("perpetuals", f"stop away of {row.name}", cells.get("stop away", ""), (position.stop_price / mark - 1) * 100)
                put("perpetuals", f"stop of {row.name}", cells.get("stop", ""), position.stop_price)

    # The detail of an asset

    def _detail(self, block: Block) -> None:
        text, found, sum_ = block.text, self._found, self._sum
        self._readings(block)
        opening = re.search(r"^ ?\s?([A-Z0-9]+)  (L1|DEFI)  price ([\d,.]+)", text, re.MULTILINE)
        if opening is None:
            return
        asset = opening[1]
        found.exact("detail", f"price of {asset}", opening[3], sum_.price(asset))
        net = sum_.spot([asset]) + sum_.perp([asset])
        pairs = [("spot", sum_.spot([asset])), ("perp", sum_.perp([asset])), ("net", net), ("weight", net / sum_.nav * 100)]
        for position in sum_.positions(asset):
            mark = sum_.mark(asset)
            ends = liquidation(position, self._world.tiers(position.symbol))
            pairs += [("entry", position.entry_price), ("mark", mark), ("PnL", sum_.pnl([asset])), ("margin", position.margin)]
            pairs += [] if ends is None else [("liquidation", ends), ("away", (ends / mark - 1) * 100)]
            pairs += [] if position.stop_price is None else [("stop away", (position.stop_price / mark - 1) * 100)]
            daily = [abs(position.quantity * mark * rate * 24 / hours) for rate, hours in self._rates(asset)]
            painted = fact(text, "funding a day")
            if painted:
                own = any(agrees(painted, value) for value in daily)
                found.note("detail", own, f"funding a day of {asset} is painted as {painted}, and is {daily}")
        for name, value in pairs:
            found.exact("detail", f"{name} of {asset}", fact(text, name), value)
        self._market(text, asset)

    def _market(self, text: str, asset: str) -> None:
        """Whose quotes they are and how old, the funding, the next payment, the tiers."""
        found, symbol = self._found, perp_symbol(asset)
        names = {source.name.casefold(): source.name for source in self._picture.sources}
        for label, quote in (("spot", self._quotes.get(spot_symbol(asset))), ("perpetual", self._quotes.get(symbol))):
            painted = re.search(rf"(?:^|\s\s){label} (\w+), (OLD )?(\d+ \w+)", text, re.MULTILINE)
            if painted is not None and quote is not None:
                old = self._picture.now - quote.at
                right = (painted[1], painted[3], bool(painted[2])) == (names.get(quote.venue, quote.venue), age(old), old > OLD)
                found.note("detail", right, f"{painted[0].strip()!r} of a quote by {quote.venue}, {old} old")
        rate = re.search(r"funding ([+−]?\d+\.\d+) % every (\d+) h", text)
        if rate is not None:
            right = any(agrees(rate[1], value * 100) and int(rate[2]) == hours for value, hours in self._rates(asset))
            found.note("detail", right, f"{rate[0]!r} of {self._rates(asset)}")
        due = re.search(r"next (\d\d):(\d\d)", text)
        if due is not None:
            coming = self._world.funding(symbol).next_at
            whole = [coming, coming - timedelta(hours=8)] if self._settled_lately(coming) else [coming]
            found.note(
                "detail", (int(due[1]), int(due[2])) in [(one.hour, one.minute) for one in whole], f"{due[0]!r} of {coming}"
            )
        tiers = re.search(r"margin tiers (\d+)", text)
        if tiers is not None:
            found.note("detail", int(tiers[1]) == len(self._world.tiers(symbol)), f"{tiers[0]!r}")

    def _rates(self, asset: str) -> list[tuple[Decimal, Decimal]]:
        """The rate and its interval in hours; shortly after a settlement also every other that the world knows."""
        told = self._picture.market.funding.get(perp_symbol(asset)) if self._picture.market is not None else None
        now = self._world.funding(perp_symbol(asset))
        known = [(now.rate, now.interval_hours)]
        if told is not None and self._settled_lately(now.next_at):
            known.append((told.rate, told.interval_hours))
        return known

    def _settled_lately(self, coming: datetime) -> bool:
        return self._world.now() - (coming - timedelta(hours=8)) < CHANGED

    # The signals

    def _phase(self, block: Block) -> None:
        if self._truth is None or not whole(self._picture, self._truth):
            return
        call, found = self._truth.call, self._found
        for phase in PHASES:
            painted = re.search(rf"^\s*{phase.value} [A-Za-z -]+? +([+−]?\d\.\d\d)  [·▇│]", block.text, re.MULTILINE)
            if painted is not None:
                found.note(
                    "phase",
                    near(painted[1], call.scores[phase]),
                    f"S of {phase} is painted as {painted[1]}: {call.scores[phase]}",
                )
        rows = {row.label: row for row in call.rows}
        for row in table(block, "evidence", "now", "score"):
            if row.cells["evidence"][0] not in "▲▼·":
                break
            told = rows.get(row.name.removesuffix("…")) or next(
                (one for label, one in rows.items() if row.name.endswith("…") and label.startswith(row.name[:-1])), None
            )
            if told is None:
                found.note("phase", False, f"{row.name} is no evidence")
                continue
            if told.reading.score is not None:
                found.note(
                    "phase",
                    near(row.cells["score"], told.reading.score),
                    f"{row.name} scores {row.cells['score']}: {told.reading.score}",
                )
            held = call.held
            if f"to {held.value}" in row.cells and told.contributions.get(held) is not None:
                painted_share = row.cells[f"to {held.value}"]
                found.note(
                    "phase",
                    near(painted_share, told.contributions[held]),
                    f"{row.name} adds {painted_share}: {told.contributions[held]}",
                )
            if "age" in row.cells and told.reading.at is not None:
                right = age(self._picture.now - told.reading.at)
                found.note("phase", row.cells["age"] == right, f"{row.name} is {row.cells['age']} old: {right}")

    def _signals(self, block: Block, *, raw: bool) -> None:
        """The heatmap, with scores or with raw values."""
        for index, row in enumerate(block.rows):
            if "strength" in row and "momentum" in row:
                heading = "subject " + row[len("subject ") :]
                for each in table(block._replace(rows=(heading, *block.rows[index + 1 :])), "subject", "strength", "momentum"):
                    for title in READINGS:
                        self._reading("signals", each.name, title, each.cells.get(title, ""), raw=raw)
                return

    def _readings(self, block: Block) -> None:
        """The signals beside the detail of an asset or a sector."""
        opening = re.search(r"^\s*([A-Z0-9]+)  (?:(?:L1|DEFI)  price|\d+ holding)", block.text, re.MULTILINE)
        if opening is not None:
            for row in table(block, "signal", "value", "score"):
                self._reading("detail", opening[1], row.name, row.cells["value"], raw=True)
                self._reading("detail", opening[1], row.name, row.cells["score"].replace("not scored", ""), raw=False)

    def _reading(self, where: str, subject: str, label: str, text: str, *, raw: bool) -> None:
        told = self._truth.readings.get((subject, label)) if self._truth is not None else None
        if told is None or told.raw is None or number(text) is None or not self._same_age(told):
            return
        if raw or told.score is None:
            self._found.note(
                where, number(text) == number(told.text.replace("-", "−")), f"{label} of {subject} is {text}: {told.text}"
            )
        else:
            self._found.note(where, near(text, told.score), f"{label} of {subject} scores {text}: {told.score}")

    def _same_age(self, told: Reading) -> bool:
        """Whether what is shown rests on the same observation as the world's."""
        return any(
            (one.indicator, one.subject, one.at) == (told.indicator, told.subject, told.at) for one in self._picture.readings
        )


def whole(picture: Picture, truth: Truth) -> bool:
    """Whether the phase that is shown had everything that the world knows by then."""
    shown = picture.call
    known = {row.indicator: (row.reading.at, row.reading.age) for row in truth.call.rows}
    return shown is not None and {row.indicator: (row.reading.at, row.reading.age) for row in shown.rows} == known


def wrong_sources(block: Block, picture: Picture, shut_out: str) -> list[str]:
    """What the screen of the sources says that is not so; `shut_out` is a source that cannot have answered for a while."""
    states = {Health.GOOD: "good", Health.FAILING: "failing", Health.RESTING: "resting", Health.UNASKED: "not asked"}
    wrong = []
    for row in table(block, "source", "state", "answered"):
        known = next((source for source in picture.sources if row.name == source.name), None)
        if known is not None and states[known.health] not in row.cells["state"]:
            wrong.append(f"sources: {row.name} is {row.cells['state']}, and {known.health}")
        if row.name == shut_out and "good" in row.cells["state"]:
            wrong.append(f"sources: {row.name} is good, and serves nobody here")
    return wrong


def near(text: str, value: float) -> bool:
    """Whether a painted signal is that number."""
    return within(text, Decimal(repr(value - NEAR)), Decimal(repr(value + NEAR)))


def age(value: timedelta) -> str:
    """How old: the largest unit of which there are two."""
    seconds = max(0, int(value.total_seconds()))
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds // size} {unit}"
    return f"{seconds} s"


def clock_time(text: str, now: datetime) -> datetime | None:
    """The time of "On prices of 23:41:00", with its day or of the last 24 hours; None where it does not stand there."""
    painted = re.search(r"On prices of (?:(\d{4}-\d\d-\d\d) )?(\d\d):(\d\d):(\d\d)", text)
    if painted is None:
        return None
    day = datetime.fromisoformat(painted[1]).date() if painted[1] else now.date()
    found = datetime.combine(day, time(int(painted[2]), int(painted[3]), int(painted[4])), UTC)
    return found - timedelta(days=1) if found > now + timedelta(seconds=1) else found
