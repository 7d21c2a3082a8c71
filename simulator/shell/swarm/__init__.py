"""The commands of Docker's swarm mode: ``docker swarm``, ``node``, ``service``, ``stack`` ..."""
