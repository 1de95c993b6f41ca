"""Encryption of recordings: one data key a call, wrapped by a master key and, where wanted, for others.

``blob`` is the form of an encrypted blob, ``wrapping`` that of a wrapped key, ``masterkey`` says where master
keys come from, ``keyring`` finds the key of a call, ``target`` reads archive targets through it.
"""
