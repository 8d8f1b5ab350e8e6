"""Notices of volcanoes as PVMBG wrote them."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "volcano_notices",
        sa.Column("code", sa.String(length=3), nullable=False),
        sa.Column("reported", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("shown", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("code", "reported", name="pk_volcano_notices"),
    )


def downgrade() -> None:
    """Take back."""
    op.drop_table("volcano_notices")
