"""CPU: groups, stations, and the exact loops that solve them."""
