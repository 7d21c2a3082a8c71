"""The cluster autoscaler: how many nodes, and why not more or fewer."""
