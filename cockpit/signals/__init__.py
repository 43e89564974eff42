"""Market history to readings to a phase call."""
