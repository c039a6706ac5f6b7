"""What `make` calls: set-up (standard library alone), service, a throw-away PostgreSQL."""
