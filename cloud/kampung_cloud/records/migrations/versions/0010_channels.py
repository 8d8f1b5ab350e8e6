"""Who sends a message now, and what channels remember."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("messages", sa.Column("holder", sa.String(length=127), nullable=True))
    op.add_column("messages", sa.Column("leased", sa.BigInteger(), nullable=True))
    op.create_table(
        "channel_marks",
        sa.Column("key", sa.String(length=191), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_channel_marks"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("channel_marks")
    with op.batch_alter_table("messages") as table:
        table.drop_column("leased")
        table.drop_column("holder")
