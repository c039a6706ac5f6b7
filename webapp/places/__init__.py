"""Where: the tree of areas, their boundaries by version, and which grid a point lies in."""
