"""Reading Compose files: text in, a project or an error with a place out. Pure."""
