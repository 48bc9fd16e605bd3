"""Run by alembic: `ledger.upgrade` hands it an open connection."""

from alembic import context

from attachwatch.ledger.schema import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,  # in the transaction that `ledger.upgrade` has begun
    render_as_batch=True,  # SQLite alters a table by making it anew
)
with context.begin_transaction():
    context.run_migrations()
