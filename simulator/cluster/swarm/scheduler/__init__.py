"""Which node a task goes to."""
