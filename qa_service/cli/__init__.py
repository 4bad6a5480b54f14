"""The command line: one file a command. Progress and errors go to stderr, results to stdout."""

from __future__ import annotations

import sys

__all__ = ["main"]

INTERRUPTED = 130
"""What shells use for a program that Ctrl-C ended: 128 + SIGINT."""


def main() -> None:
    """Run the program; Ctrl-C ends it without a traceback, even while it still loads."""
    try:
        from qa_service.cli.app import main as run  # noqa: PLC0415 - loads spaCy, in a second or two

        run()
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
