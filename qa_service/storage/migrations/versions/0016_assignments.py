"""Chats are assigned to reviewers; a person may see no others."""

from alembic import op
import sqlalchemy as sa

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

INDEX = "ix_conversations_assignee"
ASSIGNED = sa.text("assignee IS NOT NULL")


def upgrade() -> None:
    op.add_column(
        "conversations", sa.Column("assignee", sa.String(), nullable=True, comment="who reviews it; null: nobody yet")
    )
    op.create_index(
        INDEX,
        "conversations",
        ["assignee", "review_state", "queue_place", "id"],
        sqlite_where=ASSIGNED,
        postgresql_where=ASSIGNED,
    )
    with op.batch_alter_table("users") as table:
        table.add_column(
            sa.Column(
                "only_assigned",
                sa.Boolean(),
                nullable=False,
                server_default=sa.false(),
                comment="of those rows, only chats assigned to them",
            )
        )
    with op.batch_alter_table("users") as table:
        table.alter_column("only_assigned", existing_type=sa.Boolean(), server_default=None)


def downgrade() -> None:
    """Whoever saw assigned chats only is shut out: without the column they would see all."""
    op.execute(sa.text("UPDATE users SET is_active = :no WHERE only_assigned = :yes").bindparams(no=False, yes=True))
    op.execute(
        sa.text("DELETE FROM sessions WHERE user_id IN (SELECT id FROM users WHERE only_assigned = :yes)").bindparams(
            yes=True
        )
    )
    with op.batch_alter_table("users") as table:
        table.drop_column("only_assigned")
    op.drop_index(INDEX, "conversations")
    op.drop_column("conversations", "assignee")
