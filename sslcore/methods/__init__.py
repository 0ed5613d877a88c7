"""One file per method; the file's stem is the method's key. No method imports another."""
