"""what became of a dead letter that was replayed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""

    with op.batch_alter_table("dead_letters", schema=None) as batch_op:
        batch_op.add_column(sa.Column("replayed_at", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("result", sa.String(), nullable=True))


def downgrade() -> None:
    """Take back."""

    with op.batch_alter_table("dead_letters", schema=None) as batch_op:
        batch_op.drop_column("result")
        batch_op.drop_column("replayed_at")
