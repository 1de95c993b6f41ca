"""State machines that turn messages and packets into legs, streams and calls."""
