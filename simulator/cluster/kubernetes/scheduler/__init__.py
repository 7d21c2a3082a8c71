"""The scheduler: which node a pod goes to, and why no other."""
