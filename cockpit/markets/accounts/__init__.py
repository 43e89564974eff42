"""Accounts that are kept at a venue: what they hold, read with a key that need not be allowed anything else."""
