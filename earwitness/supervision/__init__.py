"""Starting, watching, restarting and stopping the parts of ``serve``."""
