"""The plugins of the scheduler, each in one file."""
