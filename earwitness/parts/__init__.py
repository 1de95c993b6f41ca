"""The parts of ``serve``: what runs in each of its processes."""
