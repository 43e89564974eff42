"""What the value of a flag may be, and the sentence where it is none; what a value needs is imported when one is given."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from cockpit.model.errors import BadInput

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal
    from pathlib import Path


def day(_ctx: click.Context, _param: click.Parameter, value: str | None) -> date | None:
    """A day of the calendar."""
    if value is None:
        return None
    from datetime import date

    try:
        return date.fromisoformat(value)
    except ValueError:
        raise BadInput(f"--as-of {value!r} is not a date: write it as 2021-08-20") from None


def number(_ctx: click.Context, param: click.Parameter, value: str | None) -> Decimal | None:
    """An exact number of a size that can be written out."""
    if value is None:
        return None
    from decimal import Decimal, InvalidOperation

    try:
        given = Decimal(value)
    except InvalidOperation:
        given = Decimal("NaN")
    if not given.is_finite() or abs(given.adjusted()) > 12:  # written out, 1e99999999 would fill the memory
        raise BadInput(f"--{(param.name or '').replace('_', '-')} {value!r} is not a number: write it as 0.25")
    return given


def seconds(ctx: click.Context, param: click.Parameter, value: str | None) -> float | None:
    """Seconds between two showings of prices."""
    given = number(ctx, param, value)
    if given is None:
        return None
    from cockpit.files.config import REFRESH

    if not REFRESH[0] <= float(given) <= REFRESH[1]:
        raise BadInput(f"--refresh {value} is not possible: write seconds from {REFRESH[0]} to {REFRESH[1]:g}")
    return float(given)


def path(name: str) -> Path:
    """A file by its name."""
    from pathlib import Path

    return Path(name)
