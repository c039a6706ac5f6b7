"""The dispatcher's desk: what waits for them, and steps on many cases at once."""
