"""Keeping recordings: the work of the part ``jobs``, a noun a file."""
