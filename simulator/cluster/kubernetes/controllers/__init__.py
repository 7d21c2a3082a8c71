"""Control loops: each brings what is nearer to what one kind of object says."""
