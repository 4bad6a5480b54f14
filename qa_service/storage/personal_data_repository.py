"""The part of the store behind `SqlRepository` that is about personal data. Owns no query (`personal_data`)."""

from __future__ import annotations

from sqlalchemy import Connection

from qa_service.domain.identity import Scope
from qa_service.domain.personal_data import Original
from qa_service.storage import personal_data, scoping
from qa_service.storage.personal_data import Masks
from qa_service.storage.sealing import KeyRing


class SqlPersonalDataRepository:
    """Described at the protocol `PersonalDataStore` of `workflows.personal_data_ports`."""

    _connection: Connection
    _scope: Scope
    _keys: KeyRing | None

    def originals(self, conversation_id: str) -> tuple[Original, ...]:
        """Those of the newest revision. Raises NotFound, Unavailable."""
        scoping.check_conversation(self._connection, self._scope, conversation_id)
        return personal_data.originals_of(self._connection, self._keys, conversation_id)

    def mask_stored(self, masks: Masks, *, limit: int) -> int:
        """Mask revisions that are not; how many."""
        return personal_data.mask_stored(self._connection, self._keys, masks, limit=limit)

    def reseal(self, *, limit: int) -> int:
        """Seal tokens of older keys anew; how many. Raises Unavailable."""
        return personal_data.reseal(self._connection, self._keys, limit=limit)

    def sealed_with(self) -> frozenset[str]:
        """The ids of all keys in use."""
        return personal_data.sealed_with(self._connection)
