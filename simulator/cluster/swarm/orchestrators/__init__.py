"""Who makes tasks, and takes them: replicated, global, jobs, updates, restarts."""
