"""What models learn from: corrected moods, and how a shadow model differs from the live one."""

from alembic import op
import sqlalchemy as sa

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "mood_corrections",
        sa.Column("id", BIG_ID, nullable=False, comment="order of arrival"),
        sa.Column("conversation_id", sa.String(length=32), nullable=False, comment="its conversation"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="which revision of it"),
        sa.Column("turn_id", sa.String(), nullable=False, comment="customer turn"),
        sa.Column("emotion", sa.String(), nullable=False, comment="what the reviewer heard"),
        sa.Column("reviewer", sa.String(), nullable=False, comment="who"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="when"),
        sa.ForeignKeyConstraint(
            ["conversation_id", "revision"],
            ["conversation_revisions.conversation_id", "conversation_revisions.revision"],
            name=op.f("fk_mood_corrections_revision"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mood_corrections")),
    )
    op.create_index(
        op.f("ix_mood_corrections_conversation_id_revision"), "mood_corrections", ["conversation_id", "revision"], unique=False
    )
    op.create_table(
        "shadow_differences",
        sa.Column("conversation_id", sa.String(length=32), nullable=False, comment="its conversation"),
        sa.Column("content_sha256", sa.String(length=64), nullable=False, comment="digest of what both judged"),
        sa.Column("live_revision", sa.String(), nullable=False, comment="model that scored"),
        sa.Column("shadow_revision", sa.String(), nullable=False, comment="model beside it"),
        sa.Column("turns", sa.Integer(), nullable=False, comment="customer turns that both judged"),
        sa.Column("one_sided", sa.Integer(), nullable=False, comment="customer turns that one of them could not judge"),
        sa.Column("polarity_difference", sa.Double(), nullable=True, comment="mean absolute difference, 0 to 2"),
        sa.Column("changed_emotions", sa.Integer(), nullable=False, comment="turns with another emotion"),
        sa.Column("satisfaction_difference", sa.Double(), nullable=True, comment="shadow less live, -4 to 4"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="when"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_shadow_differences_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint(
            "conversation_id", "content_sha256", "live_revision", "shadow_revision", name=op.f("pk_shadow_differences")
        ),
    )


def downgrade() -> None:
    op.drop_table("shadow_differences")
    op.drop_table("mood_corrections")
