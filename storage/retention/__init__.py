"""How long calls are kept: rules, legal holds above them, erasure, deletion, and room on the disk."""
