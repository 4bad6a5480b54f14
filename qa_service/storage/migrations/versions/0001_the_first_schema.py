"""The first schema."""

from alembic import op
import sqlalchemy as sa

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
POINTS = sa.Numeric(9, 4).with_variant(sa.BigInteger(), "sqlite")


def upgrade() -> None:
    _create_agents()
    _create_api_keys()
    _create_conversations()
    _create_deliveries()
    _create_login_tokens()
    _create_sessions()
    _create_conversation_agents()
    _create_conversation_revisions()
    _create_verdicts()
    _create_inspections()
    _create_findings()
    _create_scorecards()
    _create_dimension_scores()


def downgrade() -> None:
    op.drop_table("dimension_scores")
    op.drop_table("scorecards")
    op.drop_table("findings")
    op.drop_table("inspections")
    op.drop_table("verdicts")
    op.drop_table("conversation_revisions")
    op.drop_table("conversation_agents")
    op.drop_table("sessions")
    op.drop_table("login_tokens")
    op.drop_table("deliveries")
    op.drop_table("conversations")
    op.drop_table("api_keys")
    op.drop_table("agents")


def _create_agents() -> None:
    op.create_table(
        "agents",
        sa.Column("shop", sa.String(), nullable=False, comment="shop, empty if unknown"),
        sa.Column("id", sa.String(), nullable=False, comment="id within the shop"),
        sa.Column("name", sa.String(), nullable=True, comment="display name"),
        sa.Column("group_name", sa.String(), nullable=True, comment="team"),
        sa.PrimaryKeyConstraint("shop", "id", name=op.f("pk_agents")),
    )


def _create_api_keys() -> None:
    op.create_table(
        "api_keys",
        sa.Column("key_sha256", sa.String(length=64), nullable=False, comment="hash of the key"),
        sa.Column("name", sa.String(), nullable=False, comment="what it is for"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="when it was made"),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True, comment="when it stopped being valid"),
        sa.PrimaryKeyConstraint("key_sha256", name=op.f("pk_api_keys")),
    )


def _create_conversations() -> None:
    op.create_table(
        "conversations",
        sa.Column("id", sa.String(length=32), nullable=False, comment="uuid4, hex"),
        sa.Column("source", sa.String(), nullable=False, comment="system it came from"),
        sa.Column("external_id", sa.String(), nullable=False, comment="its id there"),
        sa.Column("shop", sa.String(), nullable=True, comment="shop (tenant)"),
        sa.Column("channel", sa.String(), nullable=True, comment="platform or channel"),
        sa.Column("language", sa.String(), nullable=True, comment="language stated by the source"),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=True, comment="begin of the chat, if known"),
        sa.Column(
            "began_at", sa.DateTime(timezone=True), nullable=False, comment="started_at, else received_at: lists sort and select by it"
        ),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False, comment="first handed in"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="newest revision, from 1"),
        sa.Column("content_sha256", sa.String(length=64), nullable=False, comment="digest of the newest revision"),
        sa.Column("state", sa.String(), nullable=False, comment="pending, processing, complete or failed"),
        sa.Column("state_since", sa.DateTime(timezone=True), nullable=False, comment="last change of state"),
        sa.Column("attempts", sa.Integer(), nullable=False, comment="claims of the newest revision"),
        sa.Column("claimed_revision", sa.Integer(), nullable=True, comment="revision of the last claim"),
        sa.Column("error", sa.String(), nullable=True, comment="error code of a failed inspection, never text"),
        sa.Column("review_state", sa.String(), nullable=False, comment="open, confirmed, overturned or appealed"),
        sa.Column(
            "urgency",
            sa.SmallInteger(),
            nullable=False,
            comment="0 nothing, 1 suspected, 2 to 5 worst severity from info to critical, 6 fatal scorecard",
        ),
        sa.Column("hits", sa.Integer(), nullable=False, comment="hits outside shadow mode"),
        sa.Column("worst_severity", sa.SmallInteger(), nullable=True, comment="rank of the worst hit, 0 info to 3 critical"),
        sa.Column("lowest_polarity", sa.Double(), nullable=True, comment="worst customer polarity, -1 to 1"),
        sa.Column("satisfaction", sa.Double(), nullable=True, comment="predicted satisfaction, 1 to 5"),
        sa.Column("negative_share", sa.Double(), nullable=True, comment="share of negative customer turns, 0 to 1"),
        sa.Column("lowest_total", POINTS, nullable=True, comment="lowest final total of its scorecards"),
        sa.Column("is_suspected", sa.Boolean(), nullable=False, comment="the model suspects an agent turn"),
        sa.CheckConstraint("review_state IN ('open', 'confirmed', 'overturned', 'appealed')", name=op.f("ck_conversations_review_state")),
        sa.CheckConstraint("state IN ('pending', 'processing', 'complete', 'failed')", name=op.f("ck_conversations_state")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_conversations")),
        sa.UniqueConstraint("source", "external_id", name=op.f("uq_conversations_source_external_id")),
    )
    op.create_index(op.f("ix_conversations_began_at_id"), "conversations", ["began_at", "id"], unique=False)
    op.create_index(op.f("ix_conversations_review_state_urgency_hits"), "conversations", ["review_state", "urgency", "hits"], unique=False)
    op.create_index(op.f("ix_conversations_shop_began_at"), "conversations", ["shop", "began_at"], unique=False)
    op.create_index(op.f("ix_conversations_state_state_since_id"), "conversations", ["state", "state_since", "id"], unique=False)


def _create_deliveries() -> None:
    op.create_table(
        "deliveries",
        sa.Column("id", BIG_ID, nullable=False, comment="order of arrival"),
        sa.Column("record", sa.JSON(), nullable=False, comment="where, when, what came back; JSON"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
    )


def _create_login_tokens() -> None:
    op.create_table(
        "login_tokens",
        sa.Column("token_sha256", sa.String(length=64), nullable=False, comment="hash of the token"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, comment="valid before"),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True, comment="when it was spent"),
        sa.PrimaryKeyConstraint("token_sha256", name=op.f("pk_login_tokens")),
    )


def _create_sessions() -> None:
    op.create_table(
        "sessions",
        sa.Column("session_sha256", sa.String(length=64), nullable=False, comment="hash of the session id"),
        sa.Column("name", sa.String(), nullable=False, comment="who"),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False, comment="valid before"),
        sa.PrimaryKeyConstraint("session_sha256", name=op.f("pk_sessions")),
    )


def _create_conversation_agents() -> None:
    op.create_table(
        "conversation_agents",
        sa.Column("conversation_id", sa.String(length=32), nullable=False, comment="where"),
        sa.Column("agent_id", sa.String(), nullable=False, comment="who"),
        sa.Column("position", sa.Integer(), nullable=False, comment="order of the first turn, from 0"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_conversation_agents_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint("conversation_id", "agent_id", name=op.f("pk_conversation_agents")),
    )
    op.create_index(
        op.f("ix_conversation_agents_agent_id_conversation_id"), "conversation_agents", ["agent_id", "conversation_id"], unique=False
    )


def _create_conversation_revisions() -> None:
    op.create_table(
        "conversation_revisions",
        sa.Column("conversation_id", sa.String(length=32), nullable=False, comment="whose"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="from 1"),
        sa.Column("content_sha256", sa.String(length=64), nullable=False, comment="digest of the content"),
        sa.Column("document", sa.JSON(), nullable=False, comment="the conversation, versioned JSON"),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False, comment="when it was handed in"),
        sa.ForeignKeyConstraint(
            ["conversation_id"], ["conversations.id"], name=op.f("fk_conversation_revisions_conversation_id_conversations")
        ),
        sa.PrimaryKeyConstraint("conversation_id", "revision", name=op.f("pk_conversation_revisions")),
    )


def _create_verdicts() -> None:
    op.create_table(
        "verdicts",
        sa.Column("id", BIG_ID, nullable=False, comment="order of arrival"),
        sa.Column("finding_id", sa.String(length=32), nullable=False, comment="stable id of the finding"),
        sa.Column("finding_key", sa.String(length=32), nullable=False, comment="its identity within the conversation"),
        sa.Column("conversation_id", sa.String(length=32), nullable=False, comment="its conversation"),
        sa.Column("decision", sa.String(), nullable=False, comment="confirm, overturn or appeal"),
        sa.Column("comment", sa.String(), nullable=False, comment="why"),
        sa.Column("reviewer", sa.String(), nullable=False, comment="who"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="when"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_verdicts_conversation_id_conversations")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_verdicts")),
    )
    op.create_index(op.f("ix_verdicts_conversation_id"), "verdicts", ["conversation_id"], unique=False)
    op.create_index(op.f("ix_verdicts_finding_id"), "verdicts", ["finding_id"], unique=False)


def _create_inspections() -> None:
    op.create_table(
        "inspections",
        sa.Column("id", sa.String(length=32), nullable=False, comment="uuid4, hex"),
        sa.Column("conversation_id", sa.String(length=32), nullable=False, comment="what was inspected"),
        sa.Column("revision", sa.Integer(), nullable=False, comment="which revision of it"),
        sa.Column("provenance_digest", sa.String(length=64), nullable=False, comment="digest of all that the result depends on"),
        sa.Column("document", sa.JSON(), nullable=False, comment="the whole result, versioned JSON"),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False, comment="when it was stored"),
        sa.Column("is_current", sa.Boolean(), nullable=False, comment="the one that lists and reports show"),
        sa.ForeignKeyConstraint(
            ["conversation_id", "revision"],
            ["conversation_revisions.conversation_id", "conversation_revisions.revision"],
            name=op.f("fk_inspections_conversation_id_revision_conversation_revisions"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inspections")),
        sa.UniqueConstraint(
            "conversation_id", "revision", "provenance_digest", name=op.f("uq_inspections_conversation_id_revision_provenance_digest")
        ),
    )
    op.create_index(
        "uq_inspections_current",
        "inspections",
        ["conversation_id"],
        unique=True,
        sqlite_where=sa.text("is_current = 1"),
        postgresql_where=sa.text("is_current"),
    )


def _create_findings() -> None:
    op.create_table(
        "findings",
        sa.Column("inspection_id", sa.String(length=32), nullable=False, comment="found by"),
        sa.Column("id", sa.String(length=32), nullable=False, comment="uuid5 of conversation and key: same after a re-run"),
        sa.Column("conversation_id", sa.String(length=32), nullable=False, comment="found in"),
        sa.Column("key", sa.String(length=32), nullable=False, comment="identity within the conversation"),
        sa.Column("rule_id", sa.String(), nullable=False, comment="rule"),
        sa.Column("rule_version", sa.Integer(), nullable=False, comment="its version"),
        sa.Column("category", sa.String(), nullable=False, comment="category of the rule"),
        sa.Column("severity", sa.SmallInteger(), nullable=False, comment="0 info to 3 critical"),
        sa.Column("outcome", sa.String(), nullable=False, comment="hit or suppressed"),
        sa.Column("status", sa.String(), nullable=False, comment="how far the rule is trusted"),
        sa.Column("agent_id", sa.String(), nullable=True, comment="who is responsible"),
        sa.Column("turn_id", sa.String(), nullable=True, comment="where; null for an absence"),
        sa.Column("span_start", sa.Integer(), nullable=True, comment="first code point in the original turn"),
        sa.Column("span_end", sa.Integer(), nullable=True, comment="code point after the last"),
        sa.Column("is_current", sa.Boolean(), nullable=False, comment="belongs to the current inspection"),
        sa.CheckConstraint("outcome IN ('hit', 'suppressed')", name=op.f("ck_findings_outcome")),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_findings_conversation_id_conversations")),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspections.id"], name=op.f("fk_findings_inspection_id_inspections")),
        sa.PrimaryKeyConstraint("inspection_id", "id", name=op.f("pk_findings")),
    )
    op.create_index(
        "ix_findings_current_category",
        "findings",
        ["category", "conversation_id"],
        unique=False,
        sqlite_where=sa.text("is_current = 1"),
        postgresql_where=sa.text("is_current"),
    )
    op.create_index(
        "ix_findings_current_conversation",
        "findings",
        ["conversation_id"],
        unique=False,
        sqlite_where=sa.text("is_current = 1"),
        postgresql_where=sa.text("is_current"),
    )
    op.create_index(
        "ix_findings_current_rule",
        "findings",
        ["rule_id", "conversation_id"],
        unique=False,
        sqlite_where=sa.text("is_current = 1"),
        postgresql_where=sa.text("is_current"),
    )
    op.create_index(op.f("ix_findings_id"), "findings", ["id"], unique=False)


def _create_scorecards() -> None:
    op.create_table(
        "scorecards",
        sa.Column("inspection_id", sa.String(length=32), nullable=False, comment="result of"),
        sa.Column("agent_id", sa.String(), nullable=False, comment="whose"),
        sa.Column("position", sa.Integer(), nullable=False, comment="order within the inspection, from 0"),
        sa.Column("conversation_id", sa.String(length=32), nullable=False, comment="conversation"),
        sa.Column("shop", sa.String(), nullable=True, comment="shop of the conversation"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="when the conversation began"),
        sa.Column("rubric", sa.String(), nullable=False, comment="rubric"),
        sa.Column("rubric_version", sa.Integer(), nullable=False, comment="its version"),
        sa.Column("machine_total", POINTS, nullable=True, comment="total before verdicts, 0 to 100"),
        sa.Column("final_total", POINTS, nullable=True, comment="total after verdicts, 0 to 100"),
        sa.Column("machine", sa.JSON(), nullable=False, comment="scorecard before verdicts, JSON"),
        sa.Column("final", sa.JSON(), nullable=False, comment="scorecard after verdicts, JSON"),
        sa.Column("is_current", sa.Boolean(), nullable=False, comment="belongs to the current inspection"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_scorecards_conversation_id_conversations")),
        sa.ForeignKeyConstraint(["inspection_id"], ["inspections.id"], name=op.f("fk_scorecards_inspection_id_inspections")),
        sa.PrimaryKeyConstraint("inspection_id", "agent_id", name=op.f("pk_scorecards")),
    )
    op.create_index(op.f("ix_scorecards_conversation_id"), "scorecards", ["conversation_id"], unique=False)
    op.create_index(
        "ix_scorecards_current_agent",
        "scorecards",
        ["agent_id", "at"],
        unique=False,
        sqlite_where=sa.text("is_current = 1"),
        postgresql_where=sa.text("is_current"),
    )
    op.create_index(
        "ix_scorecards_current_at",
        "scorecards",
        ["at"],
        unique=False,
        sqlite_where=sa.text("is_current = 1"),
        postgresql_where=sa.text("is_current"),
    )
    op.create_index(
        "ix_scorecards_current_shop",
        "scorecards",
        ["shop", "at"],
        unique=False,
        sqlite_where=sa.text("is_current = 1"),
        postgresql_where=sa.text("is_current"),
    )


def _create_dimension_scores() -> None:
    op.create_table(
        "dimension_scores",
        sa.Column("inspection_id", sa.String(length=32), nullable=False, comment="result of"),
        sa.Column("agent_id", sa.String(), nullable=False, comment="whose"),
        sa.Column("dimension", sa.String(), nullable=False, comment="dimension id of the rubric"),
        sa.Column("conversation_id", sa.String(length=32), nullable=False, comment="conversation"),
        sa.Column("machine", POINTS, nullable=True, comment="before verdicts, 0 to 100"),
        sa.Column("final", POINTS, nullable=True, comment="after verdicts, 0 to 100"),
        sa.Column("is_current", sa.Boolean(), nullable=False, comment="belongs to the current inspection"),
        sa.ForeignKeyConstraint(["conversation_id"], ["conversations.id"], name=op.f("fk_dimension_scores_conversation_id_conversations")),
        sa.ForeignKeyConstraint(
            ["inspection_id", "agent_id"],
            ["scorecards.inspection_id", "scorecards.agent_id"],
            name=op.f("fk_dimension_scores_inspection_id_agent_id_scorecards"),
        ),
        sa.PrimaryKeyConstraint("inspection_id", "agent_id", "dimension", name=op.f("pk_dimension_scores")),
    )
    op.create_index(op.f("ix_dimension_scores_conversation_id"), "dimension_scores", ["conversation_id"], unique=False)
    op.create_index(
        "ix_dimension_scores_current",
        "dimension_scores",
        ["dimension", "final"],
        unique=False,
        sqlite_where=sa.text("is_current = 1"),
        postgresql_where=sa.text("is_current"),
    )
