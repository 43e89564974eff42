"""The margin tiers that MEXC tells with its listing: a table of its own, or equal steps above a base."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import pairwise
from typing import Any

from cockpit.markets.live.quoting import number, positive
from cockpit.model.money import ONE, ZERO

MOST = 200
"""Levels beyond which a venue is not believed."""
BASE = "riskBaseVol"
"""The field by which a row of the listing is known to tell its tiers in this way."""


def levels(row: Mapping[str, Any]) -> list[dict[str, Decimal | None]]:
    """A contract's tiers as ccxt words them, bounds in contracts; none where they count something else or cannot be read.

    Source: mexc.com/api-docs, "Get contract info": riskLimitMode CUSTOM has a list, INCREASE rises from level to level.
    """
    if row.get("riskLimitType", "BY_VOLUME") != "BY_VOLUME" or number(row.get("riskLongShortSwitch", 0)) != 0:
        return []
    told = row.get("riskLimitCustom") if row.get("riskLimitMode") == "CUSTOM" else _rising(row)
    if not isinstance(told, list) or not all(isinstance(level, Mapping) for level in told):
        return []
    ends = [positive(level.get("maxVol")) for level in told]
    if any(end is None for end in ends):
        return []
    return _tiers([(end or ZERO, level) for end, level in zip(ends, told, strict=True)])


def _tiers(told: Sequence[tuple[Decimal, Mapping[str, Any]]]) -> list[dict[str, Decimal | None]]:
    """A tier begins where the one before it ends."""
    ordered = sorted(told, key=lambda one: one[0])
    floors = [ZERO, *(before for (before, _), _ in pairwise(ordered))]
    return [
        {
            "minNotional": floor,
            "maxNotional": end,
            "maintenanceMarginRate": number(level.get("mmr")),
            "maxLeverage": number(level.get("maxLeverage")),
        }
        for floor, (end, level) in zip(floors, ordered, strict=True)
    ]


def _rising(row: Mapping[str, Any]) -> list[dict[str, Decimal]] | None:
    """What rises from level to level, as a table; None where a part is missing."""
    names = (BASE, "riskIncrVol", "maintenanceMarginRate", "riskIncrMmr", "initialMarginRate", "riskIncrImr", "riskLevelLimit")
    found = [value for value in (number(row.get(name)) for name in names) if value is not None]
    if len(found) != len(names):
        return None
    base, step, rate, more, initial, margin, count = found
    if not 0 < count <= MOST or (count > 1 and step <= 0) or initial <= 0 or margin < 0:
        return None
    return [
        {"maxVol": base + step * up, "mmr": rate + more * up, "maxLeverage": ONE / (initial + margin * up)}
        for up in range(int(count))
    ]
