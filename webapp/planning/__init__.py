"""Trying changes on past cases before they are saved: routing rules."""
