"""The shared portfolio store: books, revisions, journal."""
