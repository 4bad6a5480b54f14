"""What the rules hit is kept beside what stands after verdicts, so that a version answers for its own hits alone."""

from alembic import op
import sqlalchemy as sa

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "findings",
        sa.Column(
            "was_hit", sa.Boolean(), nullable=True, comment="hit before the verdicts; null: stored before this was kept"
        ),
    )


def downgrade() -> None:
    op.drop_column("findings", "was_hit")
