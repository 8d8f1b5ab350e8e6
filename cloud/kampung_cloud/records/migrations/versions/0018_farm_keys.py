"""Farmers' keys, and the names of what farmers say."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "farm_keys",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("field", sa.String(length=63), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("used", sa.BigInteger(), nullable=True),
        sa.Column("revoked", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_farm_keys"),
    )
    op.create_index("ix_farm_keys_field", "farm_keys", ["field"])
    op.add_column("farm_reports", sa.Column("said", sa.String(length=80), nullable=True))
    op.create_index("ix_farm_reports_said", "farm_reports", ["said"], unique=True)


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_farm_reports_said", "farm_reports")
    op.drop_column("farm_reports", "said")
    op.drop_index("ix_farm_keys_field", "farm_keys")
    op.drop_table("farm_keys")
