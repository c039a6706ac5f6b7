"""What every room stands on: settings, database, errors, languages, security, jobs."""
