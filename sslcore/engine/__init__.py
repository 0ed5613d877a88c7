"""The training loop: a generator of events, with control as the only way in."""
