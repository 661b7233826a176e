"""Compute on frames: no files, no clock, no page."""
