"""The API server on a store: who writes, and what is refused."""
