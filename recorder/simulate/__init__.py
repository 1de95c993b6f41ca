"""A call centre made of real packets, for demonstrations, tests and load."""
