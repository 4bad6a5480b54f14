"""Originals of masked personal data, sealed; revisions know whether they are masked. Going down loses the originals."""

from alembic import op
import sqlalchemy as sa

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "conversation_revisions",
        sa.Column("masked_by", sa.Integer(), nullable=True, comment="version of the finders; null: not masked"),
    )
    op.create_index(
        "ix_conversation_revisions_unmasked",
        "conversation_revisions",
        ["conversation_id", "revision"],
        sqlite_where=sa.text("masked_by IS NULL"),
        postgresql_where=sa.text("masked_by IS NULL"),
    )
    op.create_table(
        "sealed_originals",
        sa.Column("conversation_id", sa.String(length=32), nullable=False, comment="whose"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="which content of it"),
        sa.Column("key_id", sa.String(length=32), nullable=False, comment="key that opens the token"),
        sa.Column(
            "token",
            sa.Text(),
            nullable=False,
            comment="AES-256-GCM over the originals, bound to conversation and revision",
        ),
        sa.ForeignKeyConstraint(
            ["conversation_id", "revision"],
            ["conversation_revisions.conversation_id", "conversation_revisions.revision"],
            name="fk_sealed_originals_revision",
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("conversation_id", "revision", name=op.f("pk_sealed_originals")),
    )
    op.create_index(
        op.f("ix_sealed_originals_key_id_conversation_id_revision"),
        "sealed_originals",
        ["key_id", "conversation_id", "revision"],
    )


def downgrade() -> None:
    op.drop_index(op.f("ix_sealed_originals_key_id_conversation_id_revision"), table_name="sealed_originals")
    op.drop_table("sealed_originals")
    op.drop_index("ix_conversation_revisions_unmasked", table_name="conversation_revisions")
    op.drop_column("conversation_revisions", "masked_by")
