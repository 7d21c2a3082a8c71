"""Kubernetes: an API server's store, and the loops that bring about what it says."""
