"""Opens the store: its keys, its schema, and for an embedded one the masking of what was stored before there was any."""

from __future__ import annotations

import logging
from datetime import UTC, datetime

from qa_service.errors import ConfigError, ErrorCode
from qa_service.normalise import PersonalDataMasker
from qa_service.settings import Settings
from qa_service.storage import Database
from qa_service.storage.key_file import sealing_keys
from qa_service.storage.sealing import KeyRing, new_key
from qa_service.workflows.personal_data import BATCH

logger = logging.getLogger(__name__)

MASKED_AT_START = 2_000
"""Revisions that an embedded store masks while it starts: a few seconds, once."""

MASKER = PersonalDataMasker()


def open_store(settings: Settings) -> Database:
    """The store, migrated, with the keys that open what it holds.

    Raises:
        ConfigError: keys are missing or wrong.
        Unavailable: the store does not answer.
    """
    setting = settings.pii_keys.get_secret_value() if settings.pii_keys else None
    database = Database(settings.database_url)
    keys = sealing_keys(settings.database_url, setting)
    database.seal_with(keys)
    database.upgrade()
    _check_keys(database, keys)
    if settings.database_url.startswith("sqlite"):
        _mask_some(database)
    return database


def new_key_entry() -> str:
    """A new key as the setting reads it."""
    return new_key(datetime.now(UTC)).entry()


def _check_keys(database: Database, keys: KeyRing) -> None:
    """Refuse to start where originals could not be opened: chats would wait for ever."""
    with database.unit_of_work()(is_read_only=True) as repository:
        missing = repository.sealed_with() - keys.ids
    if missing:
        database.close()
        raise ConfigError(
            f"personal data in the store is sealed with keys that are not given: {', '.join(sorted(missing))};"
            " add them to QA_PII_KEYS (or to the key file beside the database), after the newest",
            code=ErrorCode.INVALID_SETTING,
            field="QA_PII_KEYS",
        )


def _mask_some(database: Database) -> None:
    for _ in range(MASKED_AT_START // BATCH):
        with database.unit_of_work()() as repository:
            if repository.mask_stored(MASKER, limit=BATCH) < BATCH:
                return
    logger.warning("chats from before masking are left: run `qa-service pii mask-stored`")
