"""What the executor tells while it works, and where the steps of a plan stand."""

from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from cockpit.model.orders import StepState


class Progress(Struct, frozen=True, kw_only=True):
    """Something changed: a step, or (without one) an account. `message` is a sentence for the trader."""

    at: datetime
    message: str
    plan_id: str = ""
    step: int | None = None
    state: StepState | None = None
    account: str = ""
    alarm: bool = False


Listener = Callable[[Progress], None]


class StepStatus(Struct, frozen=True, kw_only=True):
    """Where a step stands, with its fills so far. `attempt` is the one that a confirmation would bind now or has bound."""

    number: int
    state: StepState
    attempt: int
    filled: Decimal
    average_price: Decimal | None
    fee: Decimal
    message: str
