"""Late work of offices, and who has heard of it."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "duties",
        sa.Column("key", sa.String(120), primary_key=True),
        sa.Column("village", sa.String(13), nullable=False, index=True),
        sa.Column("role", sa.String(16), nullable=False),
        sa.Column("kind", sa.String(16), nullable=False),
        sa.Column("subject", sa.String(40), nullable=False, index=True),
        sa.Column("rung", sa.Integer(), nullable=False),
        sa.Column("line", sa.String(200), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.BigInteger(), nullable=True, index=True),
        sa.Column("people", sa.Integer(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("duties")
