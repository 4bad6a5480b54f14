"""A shop is part of what names a chat, so that two shops with the same ids never touch each other's."""

from alembic import op
import sqlalchemy as sa

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BEFORE, NOW = "uq_conversations_source_external_id", "uq_conversations_shop_source_external_id"
WITHOUT_SHOP = "uq_conversations_without_shop"
NONE = sa.text("shop IS NULL")

DISTINGUISH = """
UPDATE conversations SET source = source || '/' || shop
WHERE shop IS NOT NULL AND EXISTS (
    SELECT 1 FROM conversations other
    WHERE other.source = conversations.source AND other.external_id = conversations.external_id AND other.id <> conversations.id
)
"""
"""Before this step two shops cannot have the same names: their chats are kept, the shop goes into the source."""


def upgrade() -> None:
    with op.batch_alter_table("conversations") as table:
        table.drop_constraint(op.f(BEFORE), type_="unique")
        table.create_unique_constraint(op.f(NOW), ["shop", "source", "external_id"])
    op.create_index(
        WITHOUT_SHOP, "conversations", ["source", "external_id"], unique=True, sqlite_where=NONE, postgresql_where=NONE
    )


def downgrade() -> None:
    op.drop_index(WITHOUT_SHOP, "conversations")
    op.execute(DISTINGUISH)
    with op.batch_alter_table("conversations") as table:
        table.drop_constraint(op.f(NOW), type_="unique")
        table.create_unique_constraint(op.f(BEFORE), ["source", "external_id"])
