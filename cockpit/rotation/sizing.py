"""How the sectors' changes become legs: which asset, spot or perpetual, in which account."""

from collections.abc import Callable, Iterable
from decimal import ROUND_CEILING, Decimal

from cockpit.model.assets import Sector
from cockpit.model.book import Position, Side
from cockpit.model.instruments import QUOTE, perp_symbol, spot_symbol
from cockpit.model.money import CENT, ONE, ZERO, nearest_to, plain
from cockpit.model.plan import WITHIN_BAND, Action, Skipped
from cockpit.model.strategy import Mode, RiskSettings
from cockpit.rotation.asked import drift_band
from cockpit.rotation.legs import Leg
from cockpit.rotation.markets import Markets
from cockpit.rotation.path import Path
from cockpit.rotation.request import Ask
from cockpit.rotation.rules import percent
from cockpit.rotation.spread import fill, fill_orders
from cockpit.rotation.targets import SectorTarget

Where = tuple[str, str]
"""An account and an asset."""


class Sizer:
    """Turns sector targets into legs. What it cannot place stands in `skipped`, what nobody could pay for in `unfunded`."""

    def __init__(self, path: Path, ask: Ask, settings: RiskSettings, markets: Markets) -> None:
        self.path, self.ask, self.settings, self.markets = path, ask, settings, markets
        self.legs: list[Leg] = []
        self.skipped: list[Skipped] = []
        self.unfunded = ZERO
        self._closed: set[Where] = set()
        self._assets: dict[Sector, list[str]] = {}
        for asset in path.book.assets():
            self._assets.setdefault(path.sector(asset), []).append(asset)
        self._spot: dict[str, Decimal] = {}
        for account in path.accounts():
            for asset, quantity in path.spot(account).items():
                self._spot[asset] = self._spot.get(asset, ZERO) + quantity * path.price(asset)
        self._positions: dict[Sector, list[tuple[str, Position]]] = {}
        self._futures: dict[str, Decimal] = {}
        self._shorts: dict[str, Decimal] = {}
        for account, position in path.positions():
            asset, signed = position.asset, position.signed_notional(path.mark(position.asset))
            self._positions.setdefault(path.sector(asset), []).append((account, position))
            self._futures[asset] = self._futures.get(asset, ZERO) + signed
            self._shorts[asset] = self._shorts.get(asset, ZERO) + max(ZERO, -signed)
        self._room = {account: self._cash(account) for account in path.accounts()}

    def size(self, targets: Iterable[SectorTarget]) -> None:
        """Legs for every sector that is to change: first all that cut, whose proceeds then pay for what adds."""
        rows = list(targets)
        for row in rows:
            self._leave_drift(row)
        shorts = [(row, self._cut(row)) for row in rows if row.change < 0]
        rises = [(row, self._cover(row)) for row in rows if row.change > 0]
        for row, amount in shorts:
            self._short(row, amount)
        for row, amount in rises:
            self._add(row, amount)
        self.legs.sort(key=lambda leg: leg.order)

    def _leave_drift(self, row: SectorTarget) -> None:
        """Say what a sector within its drift band would still have to move."""
        gap = row.weight * self.path.totals.base - row.net
        if not row.change and abs(gap) > self.settings.drift.dust_nav * self.path.totals.nav:
            band = percent(drift_band(row.weight, self.settings.drift))
            reason = f"{WITHIN_BAND} of {band} of the base around the target"
            self.skipped.append(Skipped(asset=str(row.sector), wanted=nearest_to(gap, CENT), reason=reason))

    @property
    def _spot_share(self) -> Decimal:
        return {Mode.SPOT: ONE, Mode.OVERLAY: ZERO, Mode.BLEND: self.ask.overlay.spot_share}[self.ask.mode]

    # Cutting a sector

    def _cut(self, row: SectorTarget) -> Decimal:
        """Reduce longs, then sell spot; returns what shorts should carry."""
        left = -row.change
        left -= self._reduce(row, Side.LONG, left, f"cut {row.sector} to {percent(row.weight)} of the base")
        sell = left * self._spot_share
        short = left - sell
        if short > 0 and sell > 0:
            sell = min(left, max(sell, self._least_sale(row, left)))
            short = left - sell
            over = max(ZERO, short - sum(self._short_caps(row, sold=sell).values(), ZERO))
            sell, short = sell + over, short - over
        sold = self._sell(row, sell) if sell > 0 else ZERO
        missed = sell - sold
        if self._spot_share < 1:
            return short + missed
        self._miss(row, -missed, "spot", self._why_unsold(row))
        return ZERO

    def _reduce(self, row: SectorTarget, side: Side, amount: Decimal, reason: str) -> Decimal:
        """Legs that reduce the sector's positions on a side, in proportion; returns the notional that they cover."""
        values: dict[Where, Decimal] = {}
        for account, position in self._positions.get(row.sector, []):
            if position.side is side and self.markets.problem(position.symbol, side is Side.SHORT) is None:
                values[account, position.asset] = position.notional(self.path.mark(position.asset))
        total = min(amount, sum(values.values(), ZERO))
        if total <= 0:
            return ZERO
        smallest = {key: self.markets.smallest_order(perp_symbol(key[1])) for key in values}
        action = Action.REDUCE_LONG if side is Side.LONG else Action.REDUCE_SHORT
        covered = ZERO
        for (account, asset), value in fill_orders(total, values, values, smallest).items():
            held = self.path.position(account, asset)
            if held is None:
                continue
            leg = self._leg(action, account, asset, row.sector, value, reason, held.quantity)
            covered += value
            if leg.quantity == held.quantity:
                self._closed.add((account, asset))
            released = held.margin * leg.quantity / held.quantity
            pnl = side.sign * leg.quantity * (leg.mark - held.entry_price)
            self._room[account] += released + pnl - leg.value * self.settings.fees.perp_taker
        return covered

    def _sell(self, row: SectorTarget, amount: Decimal) -> Decimal:
        values: dict[Where, Decimal] = {}
        for account in self.path.accounts():
            for asset, quantity in self.path.spot(account).items():
                if self.path.sector(asset) is not row.sector or quantity <= 0:
                    continue
                if self.markets.problem(spot_symbol(asset), False) is None:
                    values[account, asset] = quantity * self.path.price(asset)
        smallest = {key: self.markets.smallest_order(spot_symbol(key[1])) for key in values}
        reason = f"cut {row.sector} to {percent(row.weight)} of the base"
        sold = ZERO
        for (account, asset), value in fill_orders(amount, values, values, smallest).items():
            leg = self._leg(Action.SELL, account, asset, row.sector, value, reason, self.path.held(account, asset))
            sold += value
            self._room[account] += leg.value * (1 - self.settings.fees.spot_taker)
        return sold

    def _short(self, row: SectorTarget, amount: Decimal) -> None:
        if amount <= 0:
            return
        sold = sum((leg.value for leg in self.legs if leg.action is Action.SELL and leg.sector is row.sector), ZERO)
        able = min(amount, self._hedge_room(row, sold=sold))
        if able < amount:
            spot = self.path.totals.spot.get(row.sector, ZERO) - sold
            cap = plain(round(self._hedge_cap, 4))
            self._miss(
                row,
                able - amount,
                "hedge",
                f"a hedge ratio of {cap} of {plain(round(spot, 2))} spot caps the shorts of {row.sector}",
            )
        caps = self._short_caps(row, sold=sold)
        named = self._named(row.sector)
        weights = {asset: ONE if named else max(cap, ZERO) for asset, cap in caps.items()}
        bounds = {} if self.ask.overlay.short_beyond_spot else caps
        smallest = {asset: self.markets.smallest_order(perp_symbol(asset)) for asset in caps}
        shares = fill_orders(able, weights, bounds, smallest)
        spot = self.path.totals.spot.get(row.sector, ZERO)
        total = sum(shares.values(), ZERO)
        reason = f"hedge {percent(total / spot)} of {row.sector} spot" if spot > 0 else f"short {row.sector}"
        placed = self._place(Action.OPEN_SHORT, row, shares, reason)
        rest = able - placed
        why = (
            f"no account has the {QUOTE} for it"
            if shares
            else "no held token's perpetual can carry it in orders above the minimum"
        )
        self._miss(row, -rest, "hedge", why)

    @property
    def _hedge_cap(self) -> Decimal:
        own = self.ask.overlay.hedge_ratio
        most = self.settings.limits.hedge_ratio_max
        return most if own is None else min(own, most)

    def _least_sale(self, row: SectorTarget, cut: Decimal) -> Decimal:
        """How much of a cut must be sold so that the hedge ratio lets shorts carry the rest: selling spot lowers its cap too."""
        totals, cap = self.path.totals, self._hedge_cap
        shorts = totals.shorts.get(row.sector, ZERO)
        return (cut + shorts - cap * totals.spot.get(row.sector, ZERO)) / (1 - cap) if cap < 1 else ZERO

    def _hedge_room(self, row: SectorTarget, sold: Decimal) -> Decimal:
        totals = self.path.totals
        spot = totals.spot.get(row.sector, ZERO) - sold
        return max(ZERO, spot * self._hedge_cap - totals.shorts.get(row.sector, ZERO))

    def _short_caps(self, row: SectorTarget, sold: Decimal) -> dict[str, Decimal]:
        """How much of each candidate may be shorted, in quote units: its own spot, less its shorts."""
        named = self._named(row.sector)
        whole = self.path.totals.spot.get(row.sector, ZERO)
        kept = 1 - sold / whole if whole > 0 else ZERO
        caps: dict[str, Decimal] = {}
        for asset in named or self._assets.get(row.sector, []):
            if self.markets.problem(perp_symbol(asset), False) is not None or not self._open_to(asset, Side.LONG):
                continue
            bare = self._spot.get(asset, ZERO) * kept - self._shorts.get(asset, ZERO)
            if self.ask.overlay.short_beyond_spot and named:
                caps[asset] = whole
            elif bare > 0:
                caps[asset] = bare
        return caps

    # Raising a sector

    def _cover(self, row: SectorTarget) -> Decimal:
        """Cover shorts first where the strategy says so; returns what is left to add."""
        if not self.ask.overlay.cover_first:
            return row.change
        reason = f"raise {row.sector} to {percent(row.weight)} of the base: cover shorts first"
        return row.change - self._reduce(row, Side.SHORT, row.change, reason)

    def _add(self, row: SectorTarget, amount: Decimal) -> None:
        if amount <= 0:
            return
        share = self._spot_share
        perps, spots = self._candidates(row, perp_symbol), self._candidates(row, spot_symbol)
        if share < 1 and not perps and share > 0:
            share = ONE
        elif share > 0 and not spots and share < 1:
            share = ZERO
        reason = f"raise {row.sector} to {percent(row.weight)} of the base"
        levered = amount * (1 - share)
        for action, candidates in ((Action.BUY, spots), (Action.OPEN_LONG, perps)):
            part = amount * share if action is Action.BUY else levered
            if part <= 0:
                continue
            shares = self._shares(row, part, candidates, action)
            placed = self._place(action, row, shares, reason)
            word = "spot" if action is Action.BUY else "perpetuals"
            if action is Action.BUY and share < 1:
                # What is too little for spot orders, the perpetuals carry.
                left = part - sum(shares.values(), ZERO)
                levered, part = levered + left, part - left
            self._miss(row, part - placed, word, self._why_unplaced(row, candidates, shares, word))

    def _candidates(self, row: SectorTarget, to_symbol: Callable[[str], str]) -> dict[str, Decimal]:
        """Who may grow, with weights: the named tokens equally, else the held ones by their net, else the sector's first."""

        def able(asset: str) -> bool:
            free = to_symbol is spot_symbol or self._open_to(asset, Side.SHORT)
            return free and self.markets.problem(to_symbol(asset), True) is None

        named = self._named(row.sector)
        if named:
            return {asset: ONE for asset in named if able(asset)}
        held = {asset: self._net(asset) for asset in self._assets.get(row.sector, [])}
        found = {asset: net for asset, net in held.items() if net > self.markets.dust and able(asset)}
        if found:
            return found
        count = int((1 / self.settings.drift.asset_cap).to_integral_value(ROUND_CEILING))
        members = (a for a in self.path.universe.members(row.sector) if self.path.sector(a) is row.sector and able(a))
        return {asset: ONE for asset, _ in zip(members, range(count), strict=False)}

    def _shares(self, row: SectorTarget, amount: Decimal, candidates: dict[str, Decimal], action: Action) -> dict[str, Decimal]:
        """The amount over the candidates, additions stopping at the asset cap while another one has room."""
        to_symbol = spot_symbol if action is Action.BUY else perp_symbol
        smallest = {asset: self.markets.smallest_order(to_symbol(asset)) for asset in candidates}
        cap = self.settings.drift.asset_cap
        caps: dict[str, Decimal] = {}
        if len(candidates) * cap >= 1:
            caps = {asset: max(ZERO, cap * row.target - self._net(asset)) for asset in candidates}
        shares = fill_orders(amount, candidates, caps, smallest)
        rest = amount - sum(shares.values(), ZERO)
        if caps and rest > 0:
            for asset, more in fill(rest, shares or candidates, {}).items():
                shares[asset] = shares.get(asset, ZERO) + more
        return {asset: share for asset, share in shares.items() if share >= smallest[asset]}

    def _why_unplaced(self, row: SectorTarget, candidates: dict[str, Decimal], shares: dict[str, Decimal], word: str) -> str:
        if not candidates:
            problems = [
                problem
                for asset in (self._named(row.sector) or self._assets.get(row.sector, []))
                if (problem := self.markets.problem(spot_symbol(asset) if word == "spot" else perp_symbol(asset), True))
            ]
            return problems[0] if problems else f"no {row.sector} token can be traded as {word} here"
        if not shares:
            return "below the smallest order"
        return f"no account has the {QUOTE} for it"

    # Accounts

    def _place(self, action: Action, row: SectorTarget, shares: dict[str, Decimal], reason: str) -> Decimal:
        """Give each asset's share to the accounts with the most money left; returns what found a place."""
        fees = self.settings.fees
        unit = ONE + fees.spot_taker if action is Action.BUY else 1 / self.ask.leverage + fees.perp_taker
        opposite = {Action.OPEN_LONG: Side.SHORT, Action.OPEN_SHORT: Side.LONG}.get(action)
        placed = ZERO
        for asset, share in sorted(shares.items(), key=lambda item: (-item[1], item[0])):
            symbol = spot_symbol(asset) if action is Action.BUY else perp_symbol(asset)
            smallest = self.markets.smallest_order(symbol)
            left = share
            accounts = [a for a in self.path.accounts() if not self._opposed(a, asset, opposite)]
            for account in sorted(accounts, key=lambda a: (-self._room[a], a)):
                take = min(left, self._room[account] / unit)
                if take < smallest:
                    break
                self._leg(action, account, asset, row.sector, take, reason)
                self._room[account] -= take * unit
                left -= take
                if left <= 0:
                    break
            placed += share - left
            # Money that no account has at all makes the target infeasible; money in the wrong account only leaves a rest.
            self.unfunded += max(ZERO, left * unit - sum((room for room in self._room.values() if room > 0), ZERO))
        return placed

    def _opposed(self, account: str, asset: str, side: Side | None) -> bool:
        held = self.path.position(account, asset)
        return side is not None and held is not None and held.side is side and (account, asset) not in self._closed

    def _open_to(self, asset: str, opposite: Side) -> bool:
        return any(not self._opposed(account, asset, opposite) for account in self.path.accounts())

    def _cash(self, account: str) -> Decimal:
        """What an account can spend: stablecoins that are or can become the quote currency, and the free futures wallet."""
        total = self.path.free(account)
        for asset, quantity in self.path.spot(account).items():
            if asset == QUOTE:
                total += quantity
            elif self.path.sector(asset) is Sector.STABLE and self.markets.problem(spot_symbol(asset), False) is None:
                total += quantity * self.path.price(asset) * (1 - self.settings.fees.spot_taker)
        return total

    # Small things

    def _leg(
        self, action: Action, account: str, asset: str, sector: Sector, value: Decimal, reason: str, most: Decimal | None = None
    ) -> Leg:
        spot = action in (Action.BUY, Action.SELL)
        mark = self.path.price(asset) if spot else self.path.mark(asset)
        instrument = self.markets.instrument(spot_symbol(asset) if spot else perp_symbol(asset))
        quantity = nearest_to(value / mark, instrument.lot)
        if most is not None and quantity > most:
            quantity = most if action.reduces else instrument.floor_quantity(most)
        if most is not None and action.reduces and (most - quantity) * mark < instrument.least_notional(mark):
            quantity = most
        leg = Leg(action=action, account=account, asset=asset, sector=sector, quantity=quantity, mark=mark, reason=reason)
        if quantity > 0:
            self.legs.append(leg)
        return leg

    def _named(self, sector: Sector) -> tuple[str, ...]:
        """The tokens that carry a sector's change, where request or strategy name some."""
        asked = tuple(asset for asset in self.ask.tokens if self.path.sector(asset) is sector)
        chosen = asked or self.ask.overlay.tokens.get(sector, ())
        return tuple(asset for asset in chosen if self.path.sector(asset) is sector)

    def _net(self, asset: str) -> Decimal:
        return self._spot.get(asset, ZERO) + self._futures.get(asset, ZERO)

    def _why_unsold(self, row: SectorTarget) -> str:
        for asset in self._assets.get(row.sector, []):
            if asset in self._spot and (problem := self.markets.problem(spot_symbol(asset), False)):
                return problem
        return "what is left to sell is below the smallest order"

    def _miss(self, row: SectorTarget, amount: Decimal, word: str, reason: str) -> None:
        if abs(amount) > self.markets.dust:
            self.skipped.append(Skipped(asset=str(row.sector), wanted=nearest_to(amount, CENT), reason=f"{word}: {reason}"))
