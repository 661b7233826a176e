"""Formats of patrols: each module declares `SOURCE`."""
