"""The outside world in: feeds behind one protocol."""
