"""Whether a certified signature's certificate comes from a root that was given."""

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    with op.batch_alter_table("certified_letters") as table:
        table.add_column(sa.Column("traced", sa.Boolean(), nullable=False, server_default=sa.false()))


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("certified_letters") as table:
        table.drop_column("traced")
