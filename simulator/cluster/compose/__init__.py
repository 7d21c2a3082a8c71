"""Docker Compose: files become a project, a project becomes containers of one daemon."""
