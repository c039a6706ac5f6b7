"""What the cases of an office mean together: where and when there are more than chance explains."""
