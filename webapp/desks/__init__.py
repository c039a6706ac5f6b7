"""Pages that put rooms together: the map, and the desk of each role."""
