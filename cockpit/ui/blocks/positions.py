"""What is held: every asset by sector with spot, perpetual, net and weight against target, and every perpetual with its risk."""

from decimal import Decimal

from cockpit.model import format as fmt
from cockpit.model.assets import Sector
from cockpit.model.book import Side
from cockpit.model.exposure import AssetExposure, Exposure, SectorExposure
from cockpit.model.instruments import perp_symbol
from cockpit.model.money import ZERO
from cockpit.model.picture import Picture, PositionLine
from cockpit.ui.blocks.waiting import waiting
from cockpit.ui.lines import EMPTY, Line, line, title
from cockpit.ui.table import NEVER_SHOWN, Cell, Column, Row, facts, table

EXPOSURE = (
    Column("asset", right=False, name=True),
    Column("spot"),
    Column("perp"),
    Column("net"),
    Column("now %"),
    Column("target %"),
    Column("drift", right=False, drop=1),
    Column("PnL", drop=2),
    Column("liq. away", drop=3),
    Column("stop away", drop=4),
    Column("quantity", drop=5),
    Column("price", drop=6),
)
OF_PERPS = ("PnL", "liq. away", "stop away")
WITHOUT_PERPS = tuple(column._replace(drop=NEVER_SHOWN) if column.title in OF_PERPS else column for column in EXPOSURE)
PERPS = (
    Column("perpetual", right=False, name=True, least=12),
    Column("quantity", drop=3),
    Column("PnL"),
    Column("liquidation", drop=4),
    Column("liq. away"),
    Column("stop", drop=2),
    Column("stop away"),
    Column("entry", drop=7),
    Column("mark", drop=6),
    Column("leverage", drop=8),
    Column("margin", drop=9),
    Column("funding/day", drop=10),
    Column("account", right=False, drop=5),
)


def positions(picture: Picture, width: int) -> list[Line]:
    """The whole view: exposure by sector, then the perpetuals, then the wallets."""
    exposure = picture.exposure
    if exposure is None:
        return waiting(picture.book_progress, "the book", width)
    columns = EXPOSURE if picture.positions else WITHOUT_PERPS
    blocks = [table(columns, _exposure_rows(picture, exposure), width)]
    if picture.positions:
        blocks.append([title("Perpetuals"), *table(PERPS, [_perp_row(row, picture) for row in picture.positions], width)])
    else:
        blocks.append([line(("No perpetual is open.", "dim"))])
    blocks.append(wallets(exposure, width))
    result: list[Line] = []
    for block in blocks:
        result += [EMPTY, *block] if result else block
    return result


def wallets(exposure: Exposure, width: int) -> list[Line]:
    """Where the money lies and how much of it works in futures."""
    return facts(
        [
            ("NAV", (fmt.amount(exposure.nav), "strong")),
            ("cash", fmt.amount(exposure.cash)),
            ("futures wallet", fmt.amount(exposure.futures_wallet)),
            ("margin", fmt.amount(exposure.margin_used)),
            ("free reserve", fmt.percent(exposure.of_nav(exposure.cash))),
            ("gross futures", fmt.percent(exposure.of_nav(exposure.gross_futures_notional))),
            ("futures leverage", fmt.times(exposure.effective_leverage)),
            ("unrealised PnL", money_cell(exposure.unrealised_pnl)),
        ],
        width,
    )


def money_cell(value: Decimal | None) -> Cell:
    """A gain or a loss: its sign says it, the colour repeats it."""
    return fmt.amount(value, signed=True), "" if not value else "good" if value > 0 else "bad"


def _exposure_rows(picture: Picture, exposure: Exposure) -> list[Row]:
    rows = []
    for sector, total in exposure.sectors.items():
        rows.append(_sector_row(sector, total, picture, exposure))
        held = [asset for asset in exposure.assets if asset.sector is sector]
        rows += [_asset_row(asset, picture, exposure) for asset in held]
        if sector is Sector.STABLE and (rest := total.net - sum((asset.net for asset in held), ZERO)):
            rows.append(_futures_row(rest, exposure))
    return rows


def _futures_row(rest: Decimal, exposure: Exposure) -> Row:
    """What the futures wallets hold beyond the exposure of their perpetuals: with it the sector's rows sum to its net."""
    share = fmt.percent(rest / exposure.base, unit=False) if exposure.base > 0 else fmt.NONE
    cells: list[Cell] = ["  in futures", fmt.NONE, fmt.NONE, fmt.whole(rest), share]
    return Row([*cells, *[""] * (len(EXPOSURE) - len(cells))], "dim")


def _sector_row(sector: Sector, total: SectorExposure, picture: Picture, exposure: Exposure) -> Row:
    target = picture.target_weights.get(sector)
    assets = [a for a in exposure.assets if a.sector is sector]
    pnl = sum((a.unrealised_pnl for a in assets), ZERO)
    futures: Cell = fmt.NONE if sector is Sector.STABLE else fmt.whole(total.futures, signed=True) if total.futures else "0"
    return Row(
        (
            sector.value,
            fmt.whole(total.spot),
            futures,
            fmt.whole(total.net),
            fmt.percent(total.weight, unit=False) if sector.rotates else fmt.NONE,
            fmt.percent(target, unit=False),
            "" if target is None else (fmt.drift_bar(total.weight, target), "accent"),
            money_cell(pnl) if total.futures else "",
            "",
            "",
            "",
            "",
        ),
        "strong",
    )


def _asset_row(asset: AssetExposure, picture: Picture, exposure: Exposure) -> Row:
    perps = [p for p in picture.positions if p.position.asset == asset.asset]
    nearest = min((p for p in perps if p.liquidation_distance is not None), key=_liquidation_gap, default=None)
    stop = min((p for p in perps if p.stop_distance is not None), key=_stop_gap, default=None)
    return Row(
        (
            f"  {asset.asset}",
            fmt.whole(asset.spot),
            fmt.whole(asset.futures, signed=True) if asset.futures else "0" if asset.sector is not Sector.STABLE else fmt.NONE,
            fmt.whole(asset.net),
            fmt.percent(asset.net / exposure.base, unit=False) if exposure.base > 0 and asset.sector.rotates else fmt.NONE,
            "",
            "",
            money_cell(asset.unrealised_pnl) if perps else "",
            fmt.percent(nearest.liquidation_distance, signed=True) if nearest else "",
            fmt.percent(stop.stop_distance, signed=True) if stop else ("NO STOP", "alarm") if perps else "",
            fmt.exact(asset.quantity),
            fmt.price(asset.price),
        )
    )


def _liquidation_gap(row: PositionLine) -> Decimal:
    return abs(row.liquidation_distance or ZERO)


def _stop_gap(row: PositionLine) -> Decimal:
    return abs(row.stop_distance or ZERO)


def _perp_row(row: PositionLine, picture: Picture) -> Row:
    position = row.position
    instrument = picture.market.instruments.get(perp_symbol(position.asset)) if picture.market else None
    tick = instrument.tick if instrument else None
    short = position.side is Side.SHORT
    return Row(
        (
            f"{'▼ SHORT' if short else '▲ LONG'} {position.asset}",
            fmt.exact(position.quantity),
            money_cell(row.unrealised_pnl),
            fmt.price(row.liquidation_price, tick) if row.liquidation_price is not None else "none",
            fmt.percent(row.liquidation_distance, signed=True),
            fmt.price(position.stop_price, tick),
            fmt.percent(row.stop_distance, signed=True) if position.stop_price is not None else ("NO STOP", "alarm"),
            fmt.price(position.entry_price, tick),
            fmt.price(row.mark, tick),
            fmt.times(position.leverage),
            fmt.amount(position.margin),
            _funding(row.funding_per_day),
            row.account,
        )
    )


def _funding(value: Decimal | None) -> str:
    if value is None:
        return fmt.NONE
    if not value:
        return "0.00"
    return f"{'receives' if value > 0 else 'pays'} {fmt.amount(abs(value))}"


def headline(picture: Picture) -> Line:
    """The view in one line."""
    exposure = picture.exposure
    if exposure is None:
        return waiting(picture.book_progress, "the book", 60)[0]
    weights = "  ".join(
        f"{sector.value} {fmt.percent(total.weight, unit=False)}"
        + (f" → {fmt.percent(picture.target_weights[sector], unit=False)}" if sector in picture.target_weights else "")
        for sector, total in exposure.sectors.items()
        if sector.rotates
    )
    naked = sum(1 for row in picture.positions if row.position.stop_price is None)
    tail = f"  {len(picture.positions)} perpetuals" if picture.positions else ""
    return line(weights + tail, (f"  {naked} WITHOUT STOP", "alarm") if naked else "")
