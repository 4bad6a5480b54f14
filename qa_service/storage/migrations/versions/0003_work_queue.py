"""What a conversation waits for: its lane, when it is due, when it was offered to workers, and who has it."""

from contextlib import AbstractContextManager
from typing import Any

from alembic import op
from alembic.operations import BatchOperations
import sqlalchemy as sa

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LANES = "lane IN ('realtime', 'bulk')"
INDEX = "ix_conversations_state_lane_due_at_id"
TIME = sa.DateTime(timezone=True)

COMMENTS: dict[tuple[str, str, sa.types.TypeEngine[Any]], tuple[str, str]] = {
    ("conversations", "review_state", sa.String()): (
        "open, confirmed, overturned or appealed",
        "open, confirmed, overturned, appealed or cleared",
    ),
    ("conversations", "urgency", sa.SmallInteger()): (
        "0 nothing, 1 suspected, 2 to 5 worst severity from info to critical, 6 fatal scorecard",
        "0 nothing, 1 suspected, 2 to 5 worst standing severity from info to critical, 6 fatal scorecard",
    ),
    ("conversations", "hits", sa.Integer()): ("hits outside shadow mode", "hits outside shadow mode that stand"),
    ("findings", "outcome", sa.String()): ("hit or suppressed", "hit or suppressed, after the verdicts"),
}
"""Table, column and type: comment before, comment now. SQLite keeps no comments."""


def upgrade() -> None:
    op.add_column("conversations", sa.Column("lane", sa.String(), nullable=True, comment="realtime or bulk"))
    op.add_column("conversations", sa.Column("due_at", TIME, nullable=True, comment="order in the lane; a retry is not claimed before"))
    op.add_column(
        "conversations", sa.Column("offered_at", TIME, nullable=True, comment="last sent to the workers; null: not since it is pending")
    )
    op.add_column("conversations", sa.Column("claimant", sa.String(), nullable=True, comment="who claimed it last"))
    op.execute("UPDATE conversations SET lane = 'realtime', due_at = state_since")
    with _altered() as table:
        table.alter_column("lane", existing_type=sa.String(), nullable=False)
        table.alter_column("due_at", existing_type=TIME, nullable=False)
        table.create_check_constraint(op.f("ck_conversations_lane"), LANES)
    op.create_index(INDEX, "conversations", ["state", "lane", "due_at", "id"])
    _comment(new=True)


def downgrade() -> None:
    op.drop_index(INDEX, "conversations")
    with _altered() as table:
        table.drop_constraint(op.f("ck_conversations_lane"), type_="check")
        for name in ("claimant", "offered_at", "due_at", "lane"):
            table.drop_column(name)
    _comment(new=False)


def _altered() -> AbstractContextManager[BatchOperations]:
    """On SQLite the table is copied."""
    return op.batch_alter_table("conversations", recreate="always" if _is_sqlite() else "auto")


def _comment(*, new: bool) -> None:
    if _is_sqlite():
        return
    for (table, column, kind), (before, now) in COMMENTS.items():
        op.alter_column(
            table, column, existing_type=kind, existing_nullable=False, comment=now if new else before, existing_comment=before if new else now
        )


def _is_sqlite() -> bool:
    return op.get_context().dialect.name == "sqlite"
