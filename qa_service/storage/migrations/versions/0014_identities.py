"""Users are known at an identity provider by e-mail or subject."""

from alembic import op
import sqlalchemy as sa

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("users") as table:
        table.add_column(
            sa.Column("email", sa.String(), nullable=True, comment="known by it at the identity provider; null: not")
        )
        table.add_column(
            sa.Column("subject", sa.String(), nullable=True, comment="the provider's id of them, before the e-mail")
        )
        table.create_unique_constraint(op.f("uq_users_email"), ["email"])
        table.create_unique_constraint(op.f("uq_users_subject"), ["subject"])


def downgrade() -> None:
    with op.batch_alter_table("users") as table:
        table.drop_constraint(op.f("uq_users_subject"), type_="unique")
        table.drop_constraint(op.f("uq_users_email"), type_="unique")
        table.drop_column("subject")
        table.drop_column("email")
