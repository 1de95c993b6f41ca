"""Seals: by which it shows whether a call is as it was archived.

``keys`` signs and checks, ``sealing`` makes seals, ``verify`` checks them with the public key alone.
"""
