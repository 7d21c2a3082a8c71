"""Docker's commands, in Docker's words and columns."""
