"""The desk of grid managers and inspectors: what to look at on the spot, and how a week went."""
