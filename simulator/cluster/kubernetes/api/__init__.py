"""What an API server knows without a store: kinds, fields, defaults, what is valid. Pure."""
