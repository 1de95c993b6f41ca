"""Pure parsers: bytes in, dataclasses or arrays out. No sockets, files or clocks."""
