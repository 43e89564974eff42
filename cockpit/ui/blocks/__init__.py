"""What the panes and screens show, as pure functions from the picture and a width to lines: no widget, no state, no desk."""
