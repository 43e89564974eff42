"""The daily history of the live market: fetched from the vendors, kept as a recorded market."""
