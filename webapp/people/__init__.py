"""Who: offices, departments, people, their roles and areas, and how they sign in."""
