"""The trace that a waiting conversation belongs to."""

from alembic import op
import sqlalchemy as sa

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "conversations",
        sa.Column("traceparent", sa.String(), nullable=True, comment="W3C trace context of the request that made it pending"),
    )


def downgrade() -> None:
    op.drop_column("conversations", "traceparent")
