"""readings that came under numbers that were taken."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""

    with op.batch_alter_table("nodes", schema=None) as batch_op:
        batch_op.add_column(sa.Column("reused", sa.BigInteger(), nullable=False, server_default="0"))


def downgrade() -> None:
    """Take back."""

    with op.batch_alter_table("nodes", schema=None) as batch_op:
        batch_op.drop_column("reused")
