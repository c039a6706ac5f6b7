"""Pure geography: shapes, arrays and codes in and out. Knows no web, no database, no clock."""
