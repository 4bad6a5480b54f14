"""The audit log, whose rows nobody may change or delete."""

from alembic import op
import sqlalchemy as sa

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

ON_SQLITE = (
    """CREATE TRIGGER audit_log_no_update BEFORE UPDATE ON audit_log
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    """CREATE TRIGGER audit_log_no_delete BEFORE DELETE ON audit_log
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
    # INSERT OR REPLACE deletes without asking the trigger above
    """CREATE TRIGGER audit_log_in_order BEFORE INSERT ON audit_log
    WHEN NEW.number <= (SELECT max(number) FROM audit_log)
    BEGIN SELECT RAISE(ABORT, 'the audit log is append-only'); END""",
)
ON_POSTGRESQL = (
    """CREATE FUNCTION refuse_audit_change() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'the audit log is append-only'; END $$""",
    """CREATE TRIGGER audit_log_no_change BEFORE UPDATE OR DELETE ON audit_log
    FOR EACH ROW EXECUTE FUNCTION refuse_audit_change()""",
    """CREATE TRIGGER audit_log_no_truncate BEFORE TRUNCATE ON audit_log
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_audit_change()""",
)


def upgrade() -> None:
    op.create_table(
        "audit_log",
        sa.Column("number", BIG_ID, nullable=False, comment="place in the chain, from 1 without gaps"),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False, comment="when"),
        sa.Column("actor", sa.String(), nullable=False, comment="who"),
        sa.Column("role", sa.String(), nullable=True, comment="role of who acted"),
        sa.Column("event", sa.String(), nullable=False, comment="what was done"),
        sa.Column("subject", sa.JSON(), nullable=False, comment="kind of thing and its id, JSON"),
        sa.Column("shop", sa.String(), nullable=True, comment="whose rows it touches"),
        sa.Column("values_before", sa.JSON(), nullable=True, comment="values before, JSON"),
        sa.Column("values_after", sa.JSON(), nullable=True, comment="values after, JSON"),
        sa.Column("request_id", sa.String(), nullable=True, comment="request that asked for it"),
        sa.Column("address", sa.String(), nullable=True, comment="client that asked for it"),
        sa.Column("previous_sha256", sa.String(length=64), nullable=False, comment="hash of the row before"),
        sa.Column("sha256", sa.String(length=64), nullable=False, comment="hash of all other columns"),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_audit_log")),
    )
    for column in ("event", "actor", "shop"):
        op.create_index(op.f(f"ix_audit_log_{column}_number"), "audit_log", [column, "number"], unique=False)
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in ON_SQLITE if is_sqlite else ON_POSTGRESQL:
        op.execute(statement)


def downgrade() -> None:
    op.drop_table("audit_log")
    if op.get_bind().dialect.name != "sqlite":
        op.execute("DROP FUNCTION refuse_audit_change()")
