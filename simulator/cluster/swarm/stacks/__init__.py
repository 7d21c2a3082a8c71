"""Stack files: what ``docker stack deploy`` reads, and what it makes services of."""
