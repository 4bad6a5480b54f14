"""`qa-service pii`: keys of personal data, and chats stored before masking."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing

import typer

from qa_service.cli.terminal import stderr, with_progress
from qa_service.settings import load_settings
from qa_service.store_wiring import new_key_entry
from qa_service.wiring import build_services

pii_app = typer.Typer(help="Personal data: keys and masking.", no_args_is_help=True)


@pii_app.command("new-key")
def make_key() -> None:
    """Print a new key as id:base64. Put it first in QA_PII_KEYS (or the key file), restart, then run rotate."""
    sys.stdout.write(new_key_entry() + "\n")


@pii_app.command()
def rotate() -> None:
    """Seal with the newest key what older keys sealed; after that the older ones may go."""
    with closing(build_services(load_settings())) as services:
        count = _count(services.personal_data.reseal(), title="sealing")
    stderr.print(f"sealed the originals of {count} revisions anew; none is left with an older key", highlight=False)


@pii_app.command("mask-stored")
def mask_stored() -> None:
    """Mask what was stored before masking: chats, results, comments. Running it again does the rest, or nothing."""
    with closing(build_services(load_settings())) as services:
        count = _count(services.personal_data.mask_stored(), title="masking")
    stderr.print(f"masked {count} revisions; none is left unmasked", highlight=False)


def _count(batches: Iterator[int], *, title: str) -> int:
    return sum(with_progress(batches, total=None, title=title))
