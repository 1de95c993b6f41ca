"""Copies: which target shall hold which call, what is still to be copied, and the copying itself."""
