"""The map of an office: boundaries, open cases, cards and search."""
