"""The demo: a call centre that lives on this machine alone."""
