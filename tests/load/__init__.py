"""Load on loopback: a client in a process of its own against API, workers, PostgreSQL and Redis."""
