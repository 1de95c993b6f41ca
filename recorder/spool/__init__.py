"""The crash-safe store of running calls."""
