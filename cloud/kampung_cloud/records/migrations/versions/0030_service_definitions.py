"""Definitions of services that a village has put in force at the desk."""

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "service_definitions",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("village", sa.String(13), nullable=False),
        sa.Column("service", sa.String(63), nullable=False),
        sa.Column("text", sa.Text(), nullable=True),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(63), nullable=False),
        sa.Column("note", sa.String(400), nullable=False),
    )
    op.create_index("ix_service_definitions_village", "service_definitions", ["village", "service", "id"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("service_definitions")
