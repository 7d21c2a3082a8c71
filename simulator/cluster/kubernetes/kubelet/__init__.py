"""The lives of pods on their nodes."""
