"""What ``doctor`` looks at: one file for each thing about this host that can be wrong."""
