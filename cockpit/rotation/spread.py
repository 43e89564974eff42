"""Splitting an amount over candidates in proportion, within caps, without crumbs."""

from collections.abc import Hashable, Mapping
from decimal import Decimal
from typing import TypeVar

from cockpit.model.money import ZERO

Key = TypeVar("Key", bound=Hashable)


def fill(amount: Decimal, weights: Mapping[Key, Decimal], caps: Mapping[Key, Decimal]) -> dict[Key, Decimal]:
    """`amount` over the keys in proportion to their weights; what a full key cannot take goes to the others.

    A key without a cap takes any amount. Less than `amount` comes out where the caps do not suffice.
    """
    shares: dict[Key, Decimal] = dict.fromkeys(weights, ZERO)
    open_keys = [key for key, weight in weights.items() if weight > 0 and caps.get(key, amount) > 0]
    left = amount
    while open_keys and left > 0:
        total = sum((weights[key] for key in open_keys), ZERO)
        full = [key for key in open_keys if key in caps and shares[key] + left * weights[key] / total >= caps[key]]
        if not full:
            for key in open_keys:
                shares[key] += left * weights[key] / total
            return shares
        for key in full:
            left -= caps[key] - shares[key]
            shares[key] = caps[key]
        # What the others were promised in this round is promised anew in the next one.
        open_keys = [key for key in open_keys if key not in set(full)]
    return shares


def fill_orders(
    amount: Decimal, weights: Mapping[Key, Decimal], caps: Mapping[Key, Decimal], smallest: Mapping[Key, Decimal]
) -> dict[Key, Decimal]:
    """As `fill`, but no share is below its key's smallest order: the lesser half of those that would be drop out, repeatedly."""
    chosen = dict(weights)
    while chosen:
        shares = {key: share for key, share in fill(amount, chosen, caps).items() if share > 0}
        small = sorted((key for key, share in shares.items() if share < smallest[key]), key=lambda key: chosen[key])
        if not small:
            return shares
        for key in small[: (len(small) + 1) // 2]:
            del chosen[key]
    return {}
