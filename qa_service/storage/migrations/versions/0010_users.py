"""Users with passwords, whose sessions end when nobody works in them, and failed log-ins counted."""

from alembic import op
import sqlalchemy as sa

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "users",
        sa.Column("id", sa.String(length=32), nullable=False, comment="uuid4, hex"),
        sa.Column("name", sa.String(), nullable=False, comment="name to log in and to sign with"),
        sa.Column("display_name", sa.String(), nullable=False, comment="name as people say it"),
        sa.Column("role", sa.String(), nullable=False, comment="what they may do"),
        sa.Column(
            "scope", sa.JSON(), nullable=False, comment="on which rows: shops, groups, agent_ids; absent: any"
        ),
        sa.Column("is_active", sa.Boolean(), nullable=False, comment="may log in"),
        sa.Column("password_hash", sa.String(), nullable=True, comment="argon2id, with its parameters; null: none yet"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="when they were added"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("name", name=op.f("uq_users_name")),
    )
    op.create_table(
        "login_attempts",
        sa.Column("subject_sha256", sa.String(length=64), nullable=False, comment="hash of the name or address tried"),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="since began_at, those that were refused included"),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False, comment="when counting began"),
        sa.PrimaryKeyConstraint("subject_sha256", name=op.f("pk_login_attempts")),
    )
    op.add_column("sessions", sa.Column("last_seen_at", sa.DateTime(timezone=True), nullable=True))
    op.execute("UPDATE sessions SET last_seen_at = expires_at")
    with op.batch_alter_table("sessions") as table:
        table.alter_column(
            "last_seen_at",
            existing_type=sa.DateTime(timezone=True),
            nullable=False,
            comment="last request, to the minute",
        )
        table.add_column(
            sa.Column(
                "user_id",
                sa.String(length=32),
                nullable=True,
                comment="whose; null: of whoever opened a one-time link",
            )
        )
        table.create_foreign_key(op.f("fk_sessions_user_id_users"), "users", ["user_id"], ["id"])
        table.create_index(op.f("ix_sessions_user_id"), ["user_id"], unique=False)


def downgrade() -> None:
    # those of users: without them, each would be taken for the one of an admin
    op.execute("DELETE FROM sessions WHERE user_id IS NOT NULL")
    with op.batch_alter_table("sessions") as table:
        table.drop_index(op.f("ix_sessions_user_id"))
        table.drop_constraint(op.f("fk_sessions_user_id_users"), type_="foreignkey")
        table.drop_column("user_id")
        table.drop_column("last_seen_at")
    op.drop_table("login_attempts")
    op.drop_table("users")
