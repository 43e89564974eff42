"""How large a widget is, also while it is hidden: what it shows is made before it is painted, not after."""

from textual.geometry import Region, Size
from textual.widget import Widget


def lasting_size(widget: Widget) -> Size:
    """The size of its content, as it stands or last stood on the screen; nothing before it first does."""
    return _content(widget).size


def lasting_room(widget: Widget) -> Size:
    """The same without its scroll bars."""
    return _content(widget).shrink(widget.scrollbar_gutter).size


def _content(widget: Widget) -> Region:
    return (widget.region or widget.outer_size.region).shrink(widget.styles.gutter)
