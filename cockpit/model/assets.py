"""Which assets there are and to which sector each belongs."""

from collections.abc import Mapping
from enum import StrEnum

from msgspec import Struct


class Sector(StrEnum):
    """Where an asset stands in the rotation."""

    L1 = "L1"
    DEFI = "DEFI"
    STABLE = "STABLE"
    BENCHMARK = "BENCHMARK"
    UNCLASSIFIED = "UNCLASSIFIED"
    EXCLUDED = "EXCLUDED"

    @property
    def rotates(self) -> bool:
        """Whether plans move capital in or out of it; the others are shown, counted and never traded."""
        return self in ROTATING


ROTATING = (Sector.L1, Sector.DEFI, Sector.STABLE)
OUTSIDE = (Sector.BENCHMARK, Sector.UNCLASSIFIED, Sector.EXCLUDED)


class Asset(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """One coin or token: `symbol` is its ticker, the ids are those of the data vendors."""

    symbol: str
    name: str
    sector: Sector
    coingecko: str = ""
    defillama_protocol: str = ""
    defillama_chain: str = ""


class Universe(Struct, frozen=True, kw_only=True):
    """Every classified asset, by symbol. What is not in it is UNCLASSIFIED: never dropped, never traded."""

    assets: dict[str, Asset]

    def sector(self, symbol: str, overrides: Mapping[str, Sector] | None = None) -> Sector:
        """The sector of `symbol`: the portfolio's override first, then the universe, else UNCLASSIFIED."""
        if overrides and symbol in overrides:
            return overrides[symbol]
        asset = self.assets.get(symbol)
        return asset.sector if asset else Sector.UNCLASSIFIED

    def members(self, sector: Sector) -> tuple[str, ...]:
        """The symbols of a sector, in the universe's order."""
        return tuple(a.symbol for a in self.assets.values() if a.sector is sector)
