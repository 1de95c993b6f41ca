"""Decode, align, encode and measure: from spooled packets to one recording."""
