"""The keys of an embedded store: a file beside the database, made at the first start, readable by its owner alone."""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

from sqlalchemy import make_url

from qa_service.errors import ConfigError, ErrorCode
from qa_service.storage.sealing import KeyRing, new_key, parse_keys

OWNER_ONLY = 0o600


def sealing_keys(database_url: str, setting: str | None) -> KeyRing:
    """The keys of the setting; without one, those of the file beside an SQLite database.

    Raises:
        ConfigError: the keys cannot be read, or a database of another kind has none.
    """
    if setting is not None:
        return parse_keys(setting, source="QA_PII_KEYS")
    url = make_url(database_url)
    if url.get_backend_name() != "sqlite":
        raise ConfigError(
            "QA_PII_KEYS is not set: personal data is encrypted with keys that every process must be given;"
            " `qa-service pii new-key` makes one, as id:base64",
            code=ErrorCode.INVALID_SETTING,
            field="QA_PII_KEYS",
        )
    if url.database in (None, "", ":memory:"):
        return KeyRing([new_key(datetime.now(UTC))])
    return _read_or_make(Path(f"{url.database}.keys"))


def _read_or_make(path: Path) -> KeyRing:
    try:
        if not path.exists():
            _make(path)
        return parse_keys(path.read_text(encoding="ascii", errors="replace"), source=str(path))
    except OSError as error:
        raise ConfigError(
            f"the keys of personal data cannot be read from {path} or written there: {error.strerror}",
            code=ErrorCode.INVALID_SETTING,
            field="QA_PII_KEYS",
        ) from error


def _make(path: Path) -> None:
    """Whole or not at all, and never over another's: two processes may start at once."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{uuid4().hex}")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, OWNER_ONLY), "w", encoding="ascii") as file:
        file.write(new_key(datetime.now(UTC)).entry() + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        with suppress(FileExistsError):
            os.link(draft, path)
    finally:
        draft.unlink()
