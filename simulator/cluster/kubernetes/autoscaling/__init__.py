"""Autoscaling: how many pods, and why not more or fewer."""
