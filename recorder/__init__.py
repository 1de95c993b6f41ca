"""From the wire to a finished recording in the hand-off folder."""
