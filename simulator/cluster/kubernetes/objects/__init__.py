"""The objects of the API as immutable values: an update makes a new one."""
