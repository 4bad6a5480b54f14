"""Which reviewer each chat is for: given by a QA lead, taken by a reviewer. Owns no verdict and no order of the queue.

An assignment says whose work a chat is; whoever may decide may still decide on any chat in scope.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from qa_service.domain.access import User
from qa_service.domain.assignment import AssignedChat, Reassigned, Reviewer, dealt
from qa_service.domain.audit import AuditEvent
from qa_service.domain.identity import PERMISSIONS, Permission, Principal, Scope
from qa_service.domain.work import COUNTED
from qa_service.errors import Conflict, ErrorCode, InvalidInput, NotFound, NotPermitted
from qa_service.workflows.audit import audit
from qa_service.workflows.people import clean_user_name
from qa_service.workflows.ports import Clock, Repository, UnitOfWork

MOST_AT_ONCE = 5_000
"""Chats that one act assigns or takes back: each is a row of the audit log, and others who write wait meanwhile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assignments:
    """Gives chats to reviewers and takes them back. Every change of an assignee is an act of its own in the audit log."""

    unit_of_work: UnitOfWork
    clock: Clock

    def reviewers(self) -> tuple[Reviewer, ...]:
        """Whom chats can be assigned to by a caller of this scope, and who still has some, by name."""
        with self.unit_of_work(is_read_only=True) as repository:
            users = [user for user in repository.users() if _shares_shops(user.scope, self.unit_of_work.scope)]
            counts = repository.open_chats([user.name for user in users])
        return tuple(
            Reviewer(
                name=user.name,
                display_name=user.display_name,
                open_chats=counts.get(user.name, 0),
                may_review=_may_review(user),
            )
            for user in users
            if _may_review(user) or user.name in counts
        )

    def count_unassigned(self) -> int:
        """How many open flagged chats in scope nobody reviews, counted up to `COUNTED`."""
        with self.unit_of_work(is_read_only=True) as repository:
            return repository.count_unassigned(at_most=COUNTED)

    def take_next(self, principal: Principal, *, shop: str | None = None) -> str | None:
        """Assign the most urgent open chat that nobody reviews to whoever asks; its id, None where nothing waits.

        Of two who ask at once each gets another chat.

        Raises:
            NotPermitted: the caller sees assigned chats only, so what to see is for others to say.
        """
        _refuse_to_take(principal)
        with self.unit_of_work() as repository:
            chats = repository.hold_unassigned(1, shop=shop)
            self._assign(repository, chats, principal.name)
        return chats[0].id if chats else None

    def assign(self, conversation_id: str, reviewer: str | None, *, by: Principal) -> str | None:
        """Let this reviewer have the chat, whoever had it; None takes it back. Who has it then.

        Without the permission to assign one may take what nobody has and give back what is one's own.

        Raises:
            NotFound: no such conversation.
            NotPermitted: it is for, or of, somebody else.
            Conflict: somebody has it already.
            InvalidInput: there is no such reviewer, or the chat is out of the reviewer's scope.
        """
        with self.unit_of_work() as repository:
            chats = repository.hold_chats([conversation_id])
            if not chats:
                raise NotFound("no such conversation", field="id")
            (chat,) = chats
            if not by.may(Permission.ASSIGN):
                _check_own(chat, reviewer, by)
            name = reviewer
            if reviewer is not None and reviewer != by.name:
                user = self._reviewer(repository, reviewer)
                name = user.name
                if not repository.ids_within([chat.id], user.scope):
                    raise _out_of_scope(user.name)
            self._assign(repository, chats, name)
            return name

    def assign_many(self, ids: Collection[str], reviewer: str | None) -> Reassigned:
        """Let this reviewer have these chats, or nobody; what somebody else has begun with stays there.

        Raises:
            NotFound: one of them is not there.
            InvalidInput: too many, no such reviewer, or one of them is out of the reviewer's scope.
        """
        wanted = frozenset(ids)
        with self.unit_of_work() as repository:
            user = None if reviewer is None else self._reviewer(repository, reviewer)
            chats = repository.hold_chats(wanted)
            if len(chats) != len(wanted):
                raise NotFound("one of these conversations does not exist", field="conversation_ids")
            if user is not None and repository.ids_within(wanted, user.scope) != wanted:
                raise _out_of_scope(user.name)
            name = user.name if user else None
            kept = [chat for chat in chats if chat.is_judged and chat.assignee not in (None, name)]
            changed = self._assign(repository, [chat for chat in chats if chat not in kept], name)
        return Reassigned(changed=changed, kept=len(kept))

    def share(self, names: Collection[str], *, shop: str | None = None) -> dict[str, int]:
        """Deal out what nobody reviews evenly: in the end these reviewers have about as many open chats, the worst first.

        Nothing is taken from anybody, and no reviewer gets what is out of the own scope. At most `MOST_AT_ONCE`.

        Returns:
            reviewer → how many chats more, of each reviewer named.

        Raises:
            InvalidInput: nobody is named, or there is no such reviewer.
        """
        if not names:
            raise InvalidInput("reviewers: name at least one", code=ErrorCode.MISSING_FIELD, field="reviewers")
        with self.unit_of_work() as repository:
            users = [self._reviewer(repository, name) for name in names]
            scopes = list(dict.fromkeys(user.scope for user in users))
            chats = repository.hold_unassigned(MOST_AT_ONCE, shop=shop, within=scopes)
            ids = [chat.id for chat in chats]
            seen = {scope: repository.ids_within(ids, scope) for scope in scopes}
            counts = repository.open_chats([user.name for user in users])
            given = dealt(ids, {user.name: seen[user.scope] for user in users}, counts)
            shares = {user.name: [chat for chat in chats if given.get(chat.id) == user.name] for user in users}
            return {name: self._assign(repository, own, name) for name, own in sorted(shares.items())}

    def take_back(self, name: str) -> Reassigned:
        """Let nobody have what is this person's and open, but for what somebody has begun with. At most `MOST_AT_ONCE`."""
        with self.unit_of_work() as repository:
            changed = self._assign(repository, repository.hold_assigned(name, MOST_AT_ONCE), None)
            return Reassigned(changed=changed, kept=repository.open_chats([name]).get(name, 0))

    def _reviewer(self, repository: Repository, name: str) -> User:
        user = repository.find_user(clean_user_name(name))
        if user is None or not _may_review(user) or not _shares_shops(user.scope, self.unit_of_work.scope):
            raise InvalidInput(
                "reviewer: nobody of this name reviews chats here; take one of GET /v1/assignments",
                code=ErrorCode.INVALID_FIELD,
                field="reviewer",
            )
        return user

    def _assign(self, repository: Repository, chats: Iterable[AssignedChat], name: str | None) -> int:
        changing = [chat for chat in chats if chat.assignee != name]
        repository.assign([chat.id for chat in changing], name)
        now = self.clock.now()
        for chat in changing:
            audit(
                repository,
                AuditEvent.ASSIGNED,
                now=now,
                on={"conversation": chat.id},
                shop=chat.shop,
                before={"assignee": chat.assignee},
                after={"assignee": name},
            )
        return len(changing)


def _may_review(user: User) -> bool:
    return user.is_active and Permission.DECIDE in PERMISSIONS[user.role]


def _shares_shops(one: Scope, other: Scope) -> bool:
    """Whether there is a shop that both may see: a lead is not told of reviewers of other shops."""
    return one.shops is None or other.shops is None or bool(one.shops & other.shops)


def _refuse_to_take(principal: Principal) -> None:
    if principal.scope.assigned_to is not None:
        raise NotPermitted(
            "you see chats that are assigned to you; ask a QA lead for more",
            code=ErrorCode.NOT_PERMITTED,
            field="scope",
        )


def _check_own(chat: AssignedChat, reviewer: str | None, by: Principal) -> None:
    if reviewer not in (None, by.name):
        by.require(Permission.ASSIGN)
    if chat.assignee not in (None, by.name):
        if reviewer is None:
            by.require(Permission.ASSIGN)
        raise Conflict("somebody else has this chat", field="reviewer")


def _out_of_scope(name: str) -> InvalidInput:
    return InvalidInput(
        f"reviewer: {name} may not see this chat; change the scope of {name} or take somebody else",
        code=ErrorCode.INVALID_FIELD,
        field="reviewer",
    )
