"""Services and Ingresses: which pods get requests, and from when until when."""
