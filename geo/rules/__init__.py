"""Find what the program says is wrong: one module a rule."""
