"""The screens that stand over the views: order ticket, stop, help."""
