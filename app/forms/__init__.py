"""Forms made from configs: one editor per kind of field, a new config out."""
