"""What keeps desired state: one folder for each orchestrator, and what they share."""
