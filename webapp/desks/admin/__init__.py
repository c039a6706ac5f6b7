"""The administrator's pages that look into several rooms: departments, settings, who did what."""
