"""The steps of a case as people take them: forms, the case's page, its panel, prints."""
