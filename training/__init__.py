"""Offline programs: build the corpus, train, evaluate and export the mood model. Never imported by the service."""
