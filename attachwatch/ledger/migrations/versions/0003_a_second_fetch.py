"""A second fetch of what came damaged"""

import sqlalchemy as sa
from alembic import op

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('attachment', sa.Column('again', sa.String(length=64), nullable=True))


def downgrade() -> None:
    op.drop_column('attachment', 'again')
