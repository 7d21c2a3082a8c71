"""Volumes that outlive pods: classes, claims, who is bound to what, and who may reach it."""
