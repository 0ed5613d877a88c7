"""The commands of ``python -m sslcore``, one file each."""
