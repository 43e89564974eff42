"""One order, stop or transfer as the paper venue keeps it."""

from datetime import datetime
from decimal import Decimal

from msgspec import Struct

from cockpit.model.money import ZERO
from cockpit.model.orders import (
    Fill,
    OrderReport,
    OrderRequest,
    OrderStatus,
    StopRequest,
    TransferRequest,
)


class PaperOrder(Struct, frozen=True, kw_only=True):
    """An order, a stop or a transfer that the venue has accepted or rejected: exactly one of the three requests is there.

    `quoted_at` is the time of the quote whose depth it took last: it takes the depth of a quote only once.
    """

    order: OrderRequest | None = None
    stop: StopRequest | None = None
    transfer: TransferRequest | None = None
    status: OrderStatus
    fills: tuple[Fill, ...] = ()
    reason: str = ""
    quoted_at: datetime | None = None

    @property
    def request(self) -> OrderRequest | StopRequest | TransferRequest:
        """Whichever request it is."""
        request = self.order or self.stop or self.transfer
        assert request is not None
        return request

    @property
    def client_id(self) -> str:
        """The id that the sender chose."""
        return self.request.client_id

    @property
    def symbol(self) -> str:
        """The unified symbol; empty for a transfer."""
        return "" if isinstance(self.request, TransferRequest) else self.request.symbol

    @property
    def quantity(self) -> Decimal:
        """Base units asked for; quote units for a transfer."""
        return self.request.amount if isinstance(self.request, TransferRequest) else self.request.quantity

    @property
    def filled(self) -> Decimal:
        """Base units filled so far; a transfer is done at once."""
        if self.transfer is not None:
            return self.transfer.amount if self.status is OrderStatus.FILLED else ZERO
        return sum((f.quantity for f in self.fills), ZERO)

    @property
    def working(self) -> bool:
        """Whether it can still fill."""
        return self.status in (OrderStatus.OPEN, OrderStatus.TRIGGERED)

    def report(self) -> OrderReport:
        """What the venue tells of it."""
        return OrderReport(
            client_id=self.client_id,
            symbol=self.symbol,
            status=self.status,
            quantity=self.quantity,
            filled=self.filled,
            fills=self.fills,
            reason=self.reason,
            stop=self.stop,
        )
