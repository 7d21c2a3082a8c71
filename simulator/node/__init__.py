"""What runs on one machine: the daemon, and its containers by name. Knows no world and no jobs."""
