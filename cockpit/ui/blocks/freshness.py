"""Whether the quotes behind the numbers are old."""

from datetime import timedelta

from cockpit.model.market import MarketLabel
from cockpit.model.picture import Picture

OLD = timedelta(seconds=10)
"""The age from which ticking quotes are called old; the default of the rule quote_age_max_s."""


def quotes_are_old(picture: Picture) -> bool:
    """A recorded day is never old: it stands for itself."""
    return picture.quote_age is not None and picture.quote_age > OLD and picture.market_label is not MarketLabel.RECORDED
