"""Which reviewer a chat is for: what is asked and answered."""

from __future__ import annotations

from typing import Annotated

from pydantic import ConfigDict, Field

from api.schemas.base import ID_EXAMPLE, Name, Schema

Ids = Annotated[list[Name], Field(min_length=1, max_length=200)]


class AssigneeRequest(Schema):
    """Who reviews one chat from now on."""

    reviewer: Name | None = Field(
        description="Name of a user who reviews, or one's own as `by` of the audit log has it; null: nobody."
    )

    model_config = ConfigDict(json_schema_extra={"examples": [{"reviewer": "wangmin"}]})


class AssigneeDocument(Schema):
    """Who reviews a chat."""

    conversation_id: str
    assignee: str | None

    model_config = ConfigDict(json_schema_extra={"examples": [{"conversation_id": ID_EXAMPLE, "assignee": "wangmin"}]})


class AssignmentRequest(AssigneeRequest):
    """Who reviews several chats from now on."""

    conversation_ids: Ids

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"conversation_ids": [ID_EXAMPLE], "reviewer": "wangmin"}]}
    )


class AssignmentAnswer(Schema):
    """What came of it."""

    changed: int = Field(ge=0, description="Chats with another assignee than before.")
    kept: int = Field(ge=0, description="Chats left with whoever has begun to decide about them.")

    model_config = ConfigDict(json_schema_extra={"examples": [{"changed": 18, "kept": 2}]})


class ReturnRequest(Schema):
    """Whose open chats to take back."""

    reviewer: Name

    model_config = ConfigDict(json_schema_extra={"examples": [{"reviewer": "wangmin"}]})


class NextRequest(Schema):
    """What to take."""

    shop: Name | None = Field(default=None, description="Only a chat of this shop.")

    model_config = ConfigDict(json_schema_extra={"examples": [{"shop": "demo"}]})


class NextAnswer(Schema):
    """What was taken."""

    conversation_id: str | None = Field(description="Null: nothing waits.")

    model_config = ConfigDict(json_schema_extra={"examples": [{"conversation_id": ID_EXAMPLE}]})


class ShareRequest(Schema):
    """Among whom to share what nobody reviews."""

    reviewers: Ids
    shop: Name | None = Field(default=None, description="Only chats of this shop.")

    model_config = ConfigDict(json_schema_extra={"examples": [{"reviewers": ["wangmin", "lifang"], "shop": "demo"}]})


class ShareAnswer(Schema):
    """How many more chats each reviewer has."""

    shared: dict[str, int]

    model_config = ConfigDict(json_schema_extra={"examples": [{"shared": {"lifang": 21, "wangmin": 20}}]})


class ReviewerDocument(Schema):
    """A reviewer, or somebody to whom chats are still assigned."""

    name: str
    display_name: str
    open_chats: int = Field(ge=0, description="Chats that wait for a decision.")
    may_review: bool = Field(description="Whether chats can be assigned to this person now.")


class ReviewerList(Schema):
    """Reviewers by name."""

    reviewers: list[ReviewerDocument]
    unassigned: int = Field(ge=0, description="Chats of the open queue that nobody reviews, counted up to 100,000.")

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "reviewers": [
                        {"name": "wangmin", "display_name": "王敏", "open_chats": 20, "may_review": True},
                    ],
                    "unassigned": 41,
                }
            ]
        }
    )
