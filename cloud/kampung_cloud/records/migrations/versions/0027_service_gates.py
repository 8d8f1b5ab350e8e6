"""What Sedekah Oksigen asks of a request for a letter."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "service_gates",
        sa.Column("request", sa.String(20), primary_key=True),
        sa.Column("service", sa.String(80), nullable=False),
        sa.Column("policy", sa.Text(), nullable=False),
        sa.Column("person", sa.String(64), nullable=False),
        sa.Column("phone", sa.String(64), nullable=False),
        sa.Column("named", sa.String(191), nullable=False),
        sa.Column("exemptions", sa.String(400), nullable=False),
        sa.Column("pledges", sa.Boolean(), nullable=False),
        sa.Column("outcome", sa.String(16), nullable=False),
        sa.Column("reason", sa.String(600), nullable=False),
        sa.Column("due", sa.String(10), nullable=False),
        sa.Column("trees", sa.String(191), nullable=False),
        sa.Column("by", sa.String(63), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("service_gates")
