"""``docker compose``: its commands, and all that it prints."""
