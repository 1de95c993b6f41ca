"""Restoring: a catalogue and an archive folder made anew from one archive target.

``presence`` tells a target from a wrong folder, ``snapshot`` finds the newest dump of the catalogue, ``rows``
reads the sidecars that are newer, ``dated`` finds what of them a wrong clock dated, ``deletions`` deletes
again what was deleted since, ``records`` brings the records of deletions back and ``blobs`` the calls,
``people`` counts what only snapshots hold, ``event`` marks in the audit log that this was done.
"""
