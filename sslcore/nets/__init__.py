"""Networks: encoders, heads, decoders, momentum copies and queues."""
