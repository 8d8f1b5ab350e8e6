"""Answers to the satisfaction survey."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "surveys",
        sa.Column("survey", sa.String(32), primary_key=True),
        sa.Column("village", sa.String(13), nullable=False),
        sa.Column("service", sa.String(63), nullable=False),
        sa.Column("day", sa.String(10), nullable=False),
        *(sa.Column(f"u{n}", sa.Integer(), nullable=False) for n in range(1, 10)),
    )
    op.create_index("ix_surveys_village", "surveys", ["village"])
    op.create_index("ix_surveys_day", "surveys", ["day"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("surveys")
