"""Several watchers on one ledger, and a number that tells whether it changed"""

import sqlalchemy as sa
from alembic import op

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None

# What PostgreSQL holds neither in an index nor at all: a row of an index has 2,704 bytes, and a text no NUL.
_BOUND = {'message_id': 500, 'sender': 320, 'sender_name': 250}
_TEXTS = {
    'message': (*_BOUND, 'text', 'problem'),
    'attachment': ('name', 'content_type'),
    'decision': ('subject', 'value'),
    'letter': ('text',),
    'mailbox': ('problem',),
}


def upgrade() -> None:
    op.create_table('revision',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('number', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('id')
    )
    op.execute('INSERT INTO revision (id, number) VALUES (1, 1)')
    op.create_table('watcher',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('lease',
    sa.Column('mailbox', sa.String(), nullable=False),
    sa.Column('holder', sa.String(), nullable=True),
    sa.Column('until', sa.DateTime(timezone=True), nullable=False),
    sa.Column('asked_by', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('mailbox')
    )
    op.execute(
        "UPDATE draft SET state = 'superseded' WHERE state = 'pending'"
        ' AND id < (SELECT max(d.id) FROM draft AS d WHERE d."case" = draft."case" AND d.state = \'pending\')'
    )
    is_pending = sa.text("state = 'pending'")
    op.create_index(
        'draft_pending', 'draft', ['case'], unique=True, postgresql_where=is_pending, sqlite_where=is_pending
    )
    for table, columns in _TEXTS.items():
        _make_storable(table, columns)


def downgrade() -> None:
    op.drop_index('draft_pending', 'draft')
    op.drop_table('lease')
    op.drop_table('watcher')
    op.drop_table('revision')


def _make_storable(table: str, columns: tuple[str, ...]) -> None:
    connection = op.get_bind()
    key = {'letter': 'sha256', 'mailbox': 'name'}.get(table, 'id')
    there = sa.table(table, sa.column(key), *map(sa.column, columns))
    changed = []
    for row in connection.execute(sa.select(there).execution_options(yield_per=1000)):
        values = {c: _storable(getattr(row, c), _BOUND.get(c) if table == 'message' else None) for c in columns}
        if any(values[c] != getattr(row, c) for c in columns):
            changed.append((getattr(row, key), values))
    for value, values in changed:
        connection.execute(sa.update(there).where(there.c[key] == value).values(values))


def _storable(value: str | None, most: int | None) -> str | None:
    return value and value.replace('\0', '\ufffd')[:most]
