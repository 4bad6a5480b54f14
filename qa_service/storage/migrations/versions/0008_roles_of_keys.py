"""API keys get an id, a role, a scope, an end and a last use; those there are stay what they were: admins."""

from uuid import uuid4

from alembic import op
import sqlalchemy as sa

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("api_keys", sa.Column("id", sa.String(length=32), nullable=True))
    _name_keys()
    with op.batch_alter_table("api_keys") as table:
        table.alter_column(
            "id",
            existing_type=sa.String(length=32),
            nullable=False,
            comment="uuid4, hex: names the key without telling it",
        )
        table.create_unique_constraint(op.f("uq_api_keys_id"), ["id"])
        table.add_column(sa.Column("role", sa.String(), nullable=False, server_default="admin", comment="what it may do"))
        table.add_column(
            sa.Column(
                "scope",
                sa.JSON(),
                nullable=False,
                server_default="{}",
                comment="on which rows: shops, groups, agent_ids; absent: any",
            )
        )
        table.add_column(
            sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True, comment="valid before; null: for ever")
        )
        table.add_column(
            sa.Column(
                "last_used_at", sa.DateTime(timezone=True), nullable=True, comment="last use, to the minute; null: never"
            )
        )
    with op.batch_alter_table("api_keys") as table:
        # a key that states no role must not become an admin by accident
        table.alter_column("role", existing_type=sa.String(), server_default=None)
        table.alter_column("scope", existing_type=sa.JSON(), server_default=None)


def _name_keys() -> None:
    keys = sa.table("api_keys", sa.column("key_sha256"), sa.column("id"))
    connection = op.get_bind()
    for (sha256,) in connection.execute(sa.select(keys.c.key_sha256)).all():
        connection.execute(keys.update().where(keys.c.key_sha256 == sha256).values(id=uuid4().hex))


def _revoke_limited_keys() -> None:
    """Without a role and a scope beside it, each would open everything for ever."""
    keys = sa.table(
        "api_keys",
        sa.column("id"),
        sa.column("role"),
        sa.column("scope", sa.JSON),
        sa.column("created_at", sa.DateTime(timezone=True)),
        sa.column("expires_at", sa.DateTime(timezone=True)),
        sa.column("revoked_at", sa.DateTime(timezone=True)),
    )
    connection = op.get_bind()
    for key in connection.execute(sa.select(keys)).all():
        if key.role != "admin" or key.scope or key.expires_at is not None:
            revoked = keys.update().where(keys.c.id == key.id, keys.c.revoked_at.is_(None))
            connection.execute(revoked.values(revoked_at=keys.c.created_at))


def downgrade() -> None:
    _revoke_limited_keys()
    with op.batch_alter_table("api_keys") as table:
        table.drop_constraint(op.f("uq_api_keys_id"), type_="unique")
        for column in ("id", "role", "scope", "expires_at", "last_used_at"):
            table.drop_column(column)
