"""Loads the illustrative sub-district, so that nothing is empty on the first day."""
