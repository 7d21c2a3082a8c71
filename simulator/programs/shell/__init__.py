"""A small POSIX shell whose whole state is data, so that it can be copied while it sleeps."""
