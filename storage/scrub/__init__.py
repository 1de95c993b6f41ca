"""Whether what is stored is still what was stored: copies are read back, bad ones replaced, strays found."""
