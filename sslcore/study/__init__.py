"""Studies: many short runs that differ in one thing, in a queue that can be stopped and resumed."""
