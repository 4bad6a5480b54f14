"""Lists are read in the order of an index: a place in the review queue, and the time of an agent's conversations."""

from alembic import op
import sqlalchemy as sa

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
PLACE = """
UPDATE conversations SET queue_place = (6 - urgency) * 1000000000000
    + (99999 - CASE WHEN hits < 99999 THEN hits ELSE 99999 END) * CAST(10000000 AS BIGINT)
    + CAST(ROUND((COALESCE(lowest_polarity, 0) + 1) * 1000000) AS BIGINT)
"""
BEGAN = """
UPDATE conversation_agents SET began_at =
    (SELECT began_at FROM conversations WHERE conversations.id = conversation_agents.conversation_id)
"""
NEW = {
    "ix_conversations_shop_began_at_id": ["shop", "began_at", "id"],
    "ix_conversations_queue_place_id": ["queue_place", "id"],
    "ix_conversations_review_state_queue_place_id": ["review_state", "queue_place", "id"],
    "ix_conversations_shop_review_state_queue_place_id": ["shop", "review_state", "queue_place", "id"],
}
OLD = {
    "ix_conversations_shop_began_at": ["shop", "began_at"],
    "ix_conversations_review_state_urgency_hits": ["review_state", "urgency", "hits"],
}
AGENTS_BEFORE, AGENTS_NOW = "ix_conversation_agents_agent_id_conversation_id", "ix_conversation_agents_agent_id_began_at_conversation_id"


def upgrade() -> None:
    _replace_indexes(OLD, {})
    op.drop_index(AGENTS_BEFORE, "conversation_agents")
    op.add_column(
        "conversations", sa.Column("queue_place", sa.BigInteger(), nullable=True, comment="order of the review queue, smaller first: see storage.summary")
    )
    op.add_column(
        "conversation_agents", sa.Column("began_at", TIME, nullable=True, comment="that of the conversation: an agent's list is sorted by it")
    )
    op.execute(PLACE)
    op.execute(BEGAN)
    with op.batch_alter_table("conversations") as table:
        table.alter_column("queue_place", existing_type=sa.BigInteger(), nullable=False)
    with op.batch_alter_table("conversation_agents") as table:
        table.alter_column("began_at", existing_type=TIME, nullable=False)
    _replace_indexes({}, NEW)
    op.create_index(AGENTS_NOW, "conversation_agents", ["agent_id", "began_at", "conversation_id"])


def downgrade() -> None:
    _replace_indexes(NEW, {})
    op.drop_index(AGENTS_NOW, "conversation_agents")
    with op.batch_alter_table("conversations") as table:
        table.drop_column("queue_place")
    with op.batch_alter_table("conversation_agents") as table:
        table.drop_column("began_at")
    _replace_indexes({}, OLD)
    op.create_index(AGENTS_BEFORE, "conversation_agents", ["agent_id", "conversation_id"])


def _replace_indexes(before: dict[str, list[str]], now: dict[str, list[str]]) -> None:
    for name in before:
        op.drop_index(name, "conversations")
    for name, columns in now.items():
        op.create_index(name, "conversations", columns)
