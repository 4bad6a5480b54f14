"""Runs migrations on the connection that `Database` passes in."""

from alembic import context

from qa_service.storage.tables import METADATA

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=METADATA, compare_type=True)
with context.begin_transaction():
    context.run_migrations()
