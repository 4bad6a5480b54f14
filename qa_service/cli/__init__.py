"""The command line: one file a command. Progress and errors go to stderr, results to stdout."""

from qa_service.cli.app import main

__all__ = ["main"]
