"""What became of a report, for the resident who holds its link."""
