"""Who is asked before each write: namespaces, priorities, accounts, limit ranges, quotas."""
