"""References, Dockerfiles, build graph and cache, layers, stores, registries, platforms."""
