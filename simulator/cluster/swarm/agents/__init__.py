"""What nodes do with the tasks that they are given."""
