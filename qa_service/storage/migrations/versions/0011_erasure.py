"""How long text is held, who asks in a chat, and requests to erase one customer's data."""

from collections.abc import Iterator
from typing import Any
import hashlib

from alembic import op
import sqlalchemy as sa

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
INDEX = "ix_conversations_shop_text_since"
HELD = sa.text("text_since IS NOT NULL")
TEXT_SINCE = """
UPDATE conversations SET text_since = (
    SELECT received_at FROM conversation_revisions
    WHERE conversation_revisions.conversation_id = conversations.id AND conversation_revisions.revision = conversations.revision
)
"""
ROWS_AT_ONCE = 500

revisions = sa.table("conversation_revisions", sa.column("conversation_id"), sa.column("revision"), sa.column("document", sa.JSON()))


def upgrade() -> None:
    op.add_column(
        "conversations",
        sa.Column("text_since", TIME, nullable=True, comment="when the newest revision, whose text is held, was handed in; null: it was erased"),
    )
    op.add_column("conversations", sa.Column("erased_at", TIME, nullable=True, comment="when the text of the newest revision was erased"))
    op.add_column("conversations", sa.Column("erasure_reason", sa.String(), nullable=True, comment="retention or request"))
    op.execute(TEXT_SINCE)
    op.create_index(INDEX, "conversations", ["shop", "text_since", "id"], sqlite_where=HELD, postgresql_where=HELD)
    customers = _create_customers()
    for rows in _known_customers():
        op.bulk_insert(customers, rows)
    _create_erasures()


def downgrade() -> None:
    op.drop_table("erasures")
    op.drop_table("conversation_customers")
    op.drop_index(INDEX, "conversations")
    with op.batch_alter_table("conversations") as table:
        for name in ("erasure_reason", "erased_at", "text_since"):
            table.drop_column(name)


def _create_customers() -> sa.Table:
    table = op.create_table(
        "conversation_customers",
        sa.Column("conversation_id", sa.String(length=32), nullable=False, comment="where"),
        sa.Column("customer_digest", sa.String(length=64), nullable=False, comment="digest of the customer's id"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_conversation_customers_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint("conversation_id", "customer_digest", name=op.f("pk_conversation_customers")),
    )
    op.create_index(
        op.f("ix_conversation_customers_customer_digest_conversation_id"), "conversation_customers", ["customer_digest", "conversation_id"]
    )
    return table


def _create_erasures() -> None:
    op.create_table(
        "erasures",
        sa.Column("id", sa.String(length=32), nullable=False, comment="uuid4, hex"),
        sa.Column("customer_digest", sa.String(length=64), nullable=False, comment="digest of the customer's id"),
        sa.Column("source", sa.String(), nullable=True, comment="in this system only"),
        sa.Column("shop", sa.String(), nullable=True, comment="in this shop only"),
        sa.Column("requested_by", sa.String(), nullable=False, comment="who asked for it"),
        sa.Column("requested_at", TIME, nullable=False, comment="when"),
        sa.Column("state", sa.String(), nullable=False, comment="pending or done"),
        sa.Column("erased", sa.Integer(), nullable=False, comment="chats erased so far"),
        sa.Column("waiting", sa.Integer(), nullable=False, comment="chats that wait for an inspection or an appeal"),
        sa.Column("finished_at", TIME, nullable=True, comment="when the last one was erased"),
        sa.CheckConstraint("state IN ('pending', 'done')", name=op.f("ck_erasures_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_erasures")),
    )
    op.create_index(op.f("ix_erasures_state_requested_at_id"), "erasures", ["state", "requested_at", "id"])
    op.create_index(op.f("ix_erasures_requested_at_id"), "erasures", ["requested_at", "id"])


def _known_customers() -> Iterator[list[dict[str, str]]]:
    """Of all revisions, some hundred at a time, each once: the rows of one conversation come together."""
    connection, last = op.get_bind(), ("", 0)
    seen: set[tuple[str, str]] = set()
    while True:
        later = sa.tuple_(revisions.c.conversation_id, revisions.c.revision) > sa.tuple_(*map(sa.literal, last))
        order = (revisions.c.conversation_id, revisions.c.revision)
        rows = connection.execute(sa.select(revisions).where(later).order_by(*order).limit(ROWS_AT_ONCE)).all()
        if not rows:
            return
        last = (rows[-1].conversation_id, rows[-1].revision)
        seen = {key for key in seen if key[0] == rows[0].conversation_id}
        new = {(row.conversation_id, digest) for row in rows for digest in _digests(row.document)} - seen
        seen |= new
        if new:
            yield [{"conversation_id": identity, "customer_digest": digest} for identity, digest in sorted(new)]


def _digests(document: dict[str, Any]) -> set[str]:
    senders = {turn["sender_id"] for turn in document["turns"] if turn["role"] == "customer"}
    return {
        hashlib.sha256(b"qa_service.customer\0" + name.encode()).hexdigest() for name in {document["customer"]["id"], *senders} if name is not None
    }
