"""The cube of daily counts: kept with each case, folded by the worker, read by pages."""
