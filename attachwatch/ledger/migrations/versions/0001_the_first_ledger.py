"""The first ledger"""

import sqlalchemy as sa
from alembic import op

revision = '0001'
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('draft',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('case', sa.String(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('message_id', sa.String(), nullable=False),
    sa.Column('draft', sa.LargeBinary(), nullable=False),
    sa.Column('decided', sa.DateTime(timezone=True), nullable=True),
    sa.Column('placed_in', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('message_id')
    )
    op.create_index('ix_draft_case', 'draft', ['case'], unique=False)

    op.create_table('folder',
    sa.Column('mailbox', sa.String(), nullable=False),
    sa.Column('folder', sa.String(), nullable=False),
    sa.Column('uidvalidity', sa.BigInteger(), nullable=False),
    sa.Column('next_uid', sa.BigInteger(), nullable=False),
    sa.PrimaryKeyConstraint('mailbox', 'folder')
    )
    op.create_table('inspection',
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('rules', sa.Integer(), nullable=False),
    sa.Column('verdict', sa.String(length=16), nullable=False),
    sa.Column('inspection', sa.LargeBinary(), nullable=False),
    sa.PrimaryKeyConstraint('sha256', 'rules')
    )
    op.create_table('mailbox',
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('polled', sa.DateTime(timezone=True), nullable=False),
    sa.Column('problem', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('name')
    )
    op.create_table('message',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('mailbox', sa.String(), nullable=False),
    sa.Column('folder', sa.String(), nullable=False),
    sa.Column('uidvalidity', sa.BigInteger(), nullable=False),
    sa.Column('uid', sa.BigInteger(), nullable=False),
    sa.Column('stage', sa.String(length=16), nullable=False),
    sa.Column('message_id', sa.String(), nullable=True),
    sa.Column('received', sa.DateTime(timezone=True), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('header', sa.LargeBinary(), nullable=False),
    sa.Column('text', sa.String(), nullable=False),
    sa.Column('problem', sa.String(), nullable=True),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('mailbox', 'folder', 'uidvalidity', 'uid')
    )
    op.create_index('message_by_message_id', 'message', ['mailbox', 'message_id'], unique=False)
    op.create_index('message_by_stage', 'message', ['mailbox', 'stage'], unique=False)

    op.create_table('attachment',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('message', sa.Integer(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('part', sa.String(), nullable=False),
    sa.Column('name', sa.String(), nullable=False),
    sa.Column('content_type', sa.String(), nullable=False),
    sa.Column('size', sa.BigInteger(), nullable=False),
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('containers', sa.JSON(), nullable=False),
    sa.ForeignKeyConstraint(['message'], ['message.id'], ),
    sa.PrimaryKeyConstraint('id'),
    sa.UniqueConstraint('message', 'position')
    )
    op.create_index('attachment_by_sha256', 'attachment', ['sha256'], unique=False)


def downgrade() -> None:
    op.drop_table('attachment')
    op.drop_table('message')
    op.drop_table('mailbox')
    op.drop_table('inspection')
    op.drop_table('folder')
    op.drop_table('draft')
