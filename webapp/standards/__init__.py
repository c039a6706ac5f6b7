"""What and by when: case classes, conditions, limits, who answers for them, and the calendar."""
