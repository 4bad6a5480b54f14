"""Suspicion reviews, and the review state that follows from them."""

from alembic import op
import sqlalchemy as sa

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATES = "state IN ('pending', 'processing', 'complete', 'failed')"
REVIEW_STATES = "review_state IN ('open', 'confirmed', 'overturned', 'appealed')"
REVIEW_STATES_NOW = "review_state IN ('open', 'confirmed', 'overturned', 'appealed', 'cleared')"


def upgrade() -> None:
    op.create_table(
        "suspicion_reviews",
        sa.Column("id", BIG_ID, nullable=False, comment="order of arrival"),
        sa.Column("conversation_id", sa.String(length=32), nullable=False, comment="its conversation"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="what was looked at"),
        sa.Column("comment", sa.String(), nullable=False, comment="why"),
        sa.Column("reviewer", sa.String(), nullable=False, comment="who"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="when"),
        sa.ForeignKeyConstraint(
            ["conversation_id", "revision"],
            ["conversation_revisions.conversation_id", "conversation_revisions.revision"],
            name=op.f("fk_suspicion_reviews_revision"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suspicion_reviews")),
    )
    op.create_index(
        op.f("ix_suspicion_reviews_conversation_id_revision"), "suspicion_reviews", ["conversation_id", "revision"], unique=False
    )
    _check_review_states(REVIEW_STATES_NOW)


def downgrade() -> None:
    op.execute("UPDATE conversations SET review_state = 'open' WHERE review_state = 'cleared'")
    _check_review_states(REVIEW_STATES)
    op.drop_table("suspicion_reviews")


def _check_review_states(condition: str) -> None:
    if op.get_context().dialect.name == "sqlite":
        # SQLite cannot change a constraint: the table is copied, and the copy knows only the constraints named here
        with op.batch_alter_table("conversations", recreate="always") as table:
            table.create_check_constraint(op.f("ck_conversations_state"), STATES)
            table.create_check_constraint(op.f("ck_conversations_review_state"), condition)
    else:
        op.drop_constraint(op.f("ck_conversations_review_state"), "conversations", type_="check")
        op.create_check_constraint(op.f("ck_conversations_review_state"), "conversations", condition)
