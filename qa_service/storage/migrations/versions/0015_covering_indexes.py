"""Indexes that hold all that lists and reports read of findings and dimension scores, of hits that are shown only."""

from alembic import op
import sqlalchemy as sa

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

SHOWN = "AND outcome = 'hit' AND status != 'shadow'"
FINDINGS_BEFORE = {
    "ix_findings_current_conversation": ["conversation_id"],
    "ix_findings_current_category": ["category", "conversation_id"],
    "ix_findings_current_rule": ["rule_id", "conversation_id"],
}
FINDINGS_NOW = {
    "ix_findings_shown_conversation": ["conversation_id", "agent_id", "category"],
    "ix_findings_shown_category": ["category", "conversation_id"],
    "ix_findings_shown_rule": ["rule_id", "conversation_id"],
}
SCORES_BEFORE, SCORES_NOW = "ix_dimension_scores_conversation_id", "ix_dimension_scores_current_conversation"


def upgrade() -> None:
    _drop(FINDINGS_BEFORE)
    _create("findings", FINDINGS_NOW, SHOWN)
    op.drop_index(SCORES_BEFORE, "dimension_scores")
    _create("dimension_scores", {SCORES_NOW: ["conversation_id", "agent_id", "dimension", "final"]})


def downgrade() -> None:
    op.drop_index(SCORES_NOW, "dimension_scores")
    op.create_index(SCORES_BEFORE, "dimension_scores", ["conversation_id"])
    _drop(FINDINGS_NOW)
    _create("findings", FINDINGS_BEFORE)


def _drop(indexes: dict[str, list[str]]) -> None:
    for name in indexes:
        op.drop_index(name, "findings")


def _create(table: str, indexes: dict[str, list[str]], condition: str = "") -> None:
    for name, columns in indexes.items():
        op.create_index(
            name,
            table,
            columns,
            sqlite_where=sa.text(f"is_current = 1 {condition}"),
            postgresql_where=sa.text(f"is_current {condition}"),
        )
