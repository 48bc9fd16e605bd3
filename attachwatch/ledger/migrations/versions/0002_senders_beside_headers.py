"""Senders beside headers, so that a poll need not read every header again"""

import json

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

_MESSAGE = sa.table('message', sa.column('id'), sa.column('header'), sa.column('sender'), sa.column('sender_name'))


def upgrade() -> None:
    op.add_column('message', sa.Column('sender', sa.String(), nullable=True))
    op.add_column('message', sa.Column('sender_name', sa.String(), nullable=True))
    op.create_index('message_by_sender', 'message', ['mailbox', 'stage', 'sender', 'sender_name'], unique=False)
    connection = op.get_bind()
    for number, header in connection.execute(sa.select(_MESSAGE.c.id, _MESSAGE.c.header)).all():
        if sender := json.loads(header).get('sender'):
            values = {'sender': sender['address'], 'sender_name': sender['name']}
            connection.execute(sa.update(_MESSAGE).where(_MESSAGE.c.id == number).values(values))
