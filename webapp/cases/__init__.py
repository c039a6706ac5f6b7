"""The case: how it comes in, what it carries, what has happened to it."""
