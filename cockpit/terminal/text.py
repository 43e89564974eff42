"""What may reach the terminal: the same cleaning as where text comes in, for the last line of defence."""

from cockpit.model.text import is_safe, sanitise, strip_unsafe

__all__ = ["is_safe", "sanitise", "strip_unsafe"]
