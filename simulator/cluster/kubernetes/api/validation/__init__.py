"""What is valid of each kind, in the API server's words."""
