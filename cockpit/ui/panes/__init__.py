"""What each view shows: functions from the picture to lines, and the widgets that hold them."""
