"""Places where more was reported than chance explains: tested, ranked, shown, taken away."""
