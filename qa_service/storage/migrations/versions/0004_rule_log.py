"""The rule log: backtests, publications and demotions."""

from alembic import op
import sqlalchemy as sa

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "rule_log",
        sa.Column("id", BIG_ID, nullable=False, comment="order of arrival"),
        sa.Column("event", sa.String(), nullable=False, comment="backtest, publication or demotion"),
        sa.Column("key", sa.String(), nullable=False, comment="backtest, pack digest or rule that it is about"),
        sa.Column("document", sa.JSON(), nullable=False, comment="what happened, JSON"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="when"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_log")),
    )
    op.create_index(op.f("ix_rule_log_event_key_id"), "rule_log", ["event", "key", "id"], unique=False)


def downgrade() -> None:
    op.drop_table("rule_log")
