"""One transaction around one workflow. Owns when to commit, and nothing of what is written."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Engine
from sqlalchemy.exc import DataError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from qa_service.domain.identity import EVERYTHING, Scope
from qa_service.errors import ErrorCode, InvalidInput, Unavailable
from qa_service.storage.repository import SqlRepository
from qa_service.storage.sealing import KeyRing

NOT_MIGRATED = frozenset({"42P01", "42703"})
"""PostgreSQL's codes of a table or column that is not there."""


class SqlUnitOfWork:
    """Begins transactions: `with uow() as repository:` commits at the end of the block, rolls back on an error.

    All of them see and touch the rows of one scope.
    """

    def __init__(self, engine: Engine, scope: Scope = EVERYTHING, *, keys: KeyRing | None = None) -> None:
        self._engine = engine
        self.scope = scope
        self._keys = keys

    def within(self, scope: Scope) -> SqlUnitOfWork:
        """The same store for a caller of this scope."""
        return SqlUnitOfWork(self._engine, scope, keys=self._keys)

    @contextmanager
    def __call__(self, *, is_read_only: bool = False) -> Iterator[SqlRepository]:
        """Begin.

        Args:
            is_read_only: promise to write nothing; on SQLite such a transaction waits for no writer.

        Raises:
            Unavailable: the database does not answer, stays locked or is full.
        """
        with translated_errors(), self._engine.connect() as connection:
            connection.execution_options(is_read_only=is_read_only)
            with connection.begin():
                repository = SqlRepository(connection, self.scope, is_read_only=is_read_only, keys=self._keys)
                yield repository
                repository.finish()


@contextmanager
def translated_errors() -> Iterator[None]:
    """Turn a database that does not answer into `Unavailable`, a value that it cannot hold into `InvalidInput`."""
    try:
        yield
    except (OperationalError, InterfaceError, PoolTimeout) as error:
        raise _unavailable() from error
    except ProgrammingError as error:
        if getattr(error.orig, "sqlstate", None) in NOT_MIGRATED:
            raise _unavailable() from error
        raise
    except DataError as error:
        raise InvalidInput(
            "a value is out of range or has a NUL character, which the database cannot hold: leave it out",
            code=ErrorCode.INVALID_FIELD,
        ) from error


def _unavailable() -> Unavailable:
    return Unavailable(
        "the database does not answer, is locked, full or not migrated: check QA_DATABASE_URL and the disk,"
        " run `qa-service db upgrade`, then try again",
        code=ErrorCode.STORE_UNAVAILABLE,
    )
