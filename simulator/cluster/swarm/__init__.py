"""Docker Swarm: managers that keep services, tasks on nodes, and the mesh between them."""
