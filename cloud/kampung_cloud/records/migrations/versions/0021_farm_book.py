"""Lines of the farm book: the name that a phone gave them, and strokes."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.add_column("farm_book", sa.Column("said", sa.String(length=80), nullable=True))
    op.add_column("farm_book", sa.Column("strikes", sa.Integer(), nullable=True))
    op.create_index("ix_farm_book_said", "farm_book", ["said"], unique=True)


def downgrade() -> None:
    """Take back."""
    op.drop_index("ix_farm_book_said", "farm_book")
    op.drop_column("farm_book", "strikes")
    op.drop_column("farm_book", "said")
