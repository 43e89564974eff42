"""Book and strategy to a plan, in exact arithmetic."""
