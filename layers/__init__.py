"""Read an office's files into frames, and keep what could not be read."""
