"""Users, their sessions and failed log-ins. Owns no secret and no decision about who may come in."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Insert, Row, Update, and_, case, delete, insert, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import IntegrityError

from qa_service.domain.access import Session, User
from qa_service.domain.identity import Role
from qa_service.errors import Conflict
from qa_service.storage.access import read_scope, scope_document
from qa_service.storage.access_tables import LoginAttemptRow, SessionRow, UserRow

_USER_COLUMNS = (
    UserRow.id,
    UserRow.name,
    UserRow.display_name,
    UserRow.role,
    UserRow.scope,
    UserRow.only_assigned,
    UserRow.is_active,
    UserRow.password_hash.is_not(None).label("has_password"),
    UserRow.created_at,
    UserRow.email,
    UserRow.subject,
)
_TAKEN = re.compile(r"\b(?:uq_users_|users\.)(name|email|subject)\b")
"""The unique column that a statement hurt, in the words of either database."""


def add_user(connection: Connection, user: User, *, password_hash: str | None) -> None:
    """Store a user; raises Conflict where the name, the e-mail or the subject is taken."""
    values = {**_changeable(user), "id": user.id, "name": user.name, "created_at": user.created_at}
    _write(connection, insert(UserRow).values(password_hash=password_hash, **values))


def has_users(connection: Connection) -> bool:
    """Whether there is any."""
    return connection.execute(select(UserRow.id).limit(1)).first() is not None


def users(connection: Connection) -> list[User]:
    """All, by name."""
    return [_user(row) for row in connection.execute(select(*_USER_COLUMNS).order_by(UserRow.name))]


def find_user(connection: Connection, name: str) -> User | None:
    """The user of this name, active or not."""
    row = connection.execute(select(*_USER_COLUMNS).where(UserRow.name == name)).first()
    return None if row is None else _user(row)


def save_user(connection: Connection, user: User) -> None:
    """Write all but name and password; raises Conflict where the e-mail or the subject is taken."""
    _write(connection, update(UserRow).where(UserRow.id == user.id).values(_changeable(user)))


def find_user_of(connection: Connection, *, subject: str, email: str | None) -> User | None:
    """Whom a provider knows by the subject; else by the e-mail, unless that user has another subject."""
    is_by_email = and_(UserRow.email == email, UserRow.subject.is_(None))
    wanted = UserRow.subject == subject if email is None else or_(UserRow.subject == subject, is_by_email)
    row = connection.execute(select(*_USER_COLUMNS).where(wanted).order_by(UserRow.subject.is_(None)).limit(1)).first()
    return None if row is None else _user(row)


def password_hash(connection: Connection, user_id: str) -> str | None:
    """What the password is checked with; None where there is none."""
    return connection.execute(select(UserRow.password_hash).where(UserRow.id == user_id)).scalar_one_or_none()


def save_password_hash(connection: Connection, user_id: str, password_hash: str) -> None:
    """Replace it."""
    connection.execute(update(UserRow).where(UserRow.id == user_id).values(password_hash=password_hash))


def add_session(connection: Connection, session: Session, *, session_sha256: str) -> None:
    """Store a page session and its hash."""
    connection.execute(
        insert(SessionRow).values(
            session_sha256=session_sha256,
            name=session.name,
            user_id=session.user.id if session.user else None,
            last_seen_at=session.last_seen_at,
            expires_at=session.expires_at,
        )
    )


def find_session(connection: Connection, session_sha256: str) -> Session | None:
    """The session with its user as he or she is now, also one that is over."""
    found = connection.execute(
        select(SessionRow.name, SessionRow.user_id, SessionRow.expires_at, SessionRow.last_seen_at).where(
            SessionRow.session_sha256 == session_sha256
        )
    ).first()
    if found is None:
        return None
    user = None
    if found.user_id is not None:
        user = _user(connection.execute(select(*_USER_COLUMNS).where(UserRow.id == found.user_id)).one())
    return Session(name=found.name, user=user, expires_at=found.expires_at, last_seen_at=found.last_seen_at)


def touch_session(connection: Connection, session_sha256: str, *, now: datetime) -> None:
    """Note the last request."""
    connection.execute(update(SessionRow).where(SessionRow.session_sha256 == session_sha256).values(last_seen_at=now))


def end_sessions_of(connection: Connection, user_id: str, *, but: str | None) -> int:
    """Forget all sessions of a user but the one of this hash; how many there were."""
    ended = delete(SessionRow).where(SessionRow.user_id == user_id)
    if but is not None:
        ended = ended.where(SessionRow.session_sha256 != but)
    return connection.execute(ended).rowcount


def count_attempt(connection: Connection, subject_sha256: str, *, now: datetime, since: datetime) -> int:
    """Count one more in one statement, so that processes that count at once miss none."""
    new = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    statement = new(LoginAttemptRow).values(subject_sha256=subject_sha256, attempts=1, began_at=now)
    is_over = LoginAttemptRow.began_at < since
    counted = statement.on_conflict_do_update(
        index_elements=["subject_sha256"],
        set_={
            "attempts": case((is_over, 1), else_=LoginAttemptRow.attempts + 1),
            "began_at": case((is_over, statement.excluded.began_at), else_=LoginAttemptRow.began_at),
        },
    ).returning(LoginAttemptRow.attempts)
    return connection.execute(counted).scalar_one()


def forgive_attempts(connection: Connection, subject_sha256: str, *, count: int | None = None) -> None:
    """Take back so many, or all."""
    is_meant = LoginAttemptRow.subject_sha256 == subject_sha256
    if count is None:
        connection.execute(delete(LoginAttemptRow).where(is_meant))
    else:
        left = case((LoginAttemptRow.attempts > count, LoginAttemptRow.attempts - count), else_=0)
        connection.execute(update(LoginAttemptRow).where(is_meant).values(attempts=left))


def forget_attempts(connection: Connection, *, before: datetime) -> None:
    """Delete what began to be counted before."""
    connection.execute(delete(LoginAttemptRow).where(LoginAttemptRow.began_at < before))


def _changeable(user: User) -> dict[str, Any]:
    return {
        "display_name": user.display_name,
        "role": user.role.value,
        "scope": scope_document(user.scope),
        "only_assigned": user.only_assigned,
        "is_active": user.is_active,
        "email": user.email,
        "subject": user.subject,
    }


def _write(connection: Connection, statement: Insert | Update) -> None:
    try:
        with connection.begin_nested():
            connection.execute(statement)
    except IntegrityError as error:
        taken = _TAKEN.search(str(error.orig))
        field = taken[1] if taken else "name"
        raise Conflict(f"somebody has this {field} already", field=field) from error


def _user(row: Row[Any]) -> User:
    fields = {**row._mapping, "role": Role(row.role), "scope": read_scope(row.scope)}
    fields["has_password"] = bool(row.has_password)
    return User(**fields)
