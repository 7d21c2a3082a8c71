"""kubectl: words in, requests to a cluster's API server, tables out."""
