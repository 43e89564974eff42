"""From a book and a strategy to a plan whose every prefix keeps the risk rules."""
