"""`/ledger`: all cases as a table to sort, to narrow, to take away and to bring back."""
