"""Files of what was destroyed, until they are off the disk; photos of trees whose picture is gone; longer names of what is destroyed."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "discarded_files",
        sa.Column("path", sa.String(191), primary_key=True),
        sa.Column("village", sa.String(13), nullable=False),
        sa.Column("certificate", sa.String(60), nullable=False),
    )
    op.create_index("ix_discarded_files_village", "discarded_files", ["village"])
    with op.batch_alter_table("tree_photos") as table:
        table.add_column(sa.Column("kept", sa.Boolean(), nullable=False, server_default=sa.true()))
    for name in ("destruction_items", "retention_holds"):
        with op.batch_alter_table(name) as table:
            table.alter_column("subject", existing_type=sa.String(40), type_=sa.String(64), existing_nullable=False)


def downgrade() -> None:
    """Take back."""
    for name in ("destruction_items", "retention_holds"):
        with op.batch_alter_table(name) as table:
            table.alter_column("subject", existing_type=sa.String(64), type_=sa.String(40), existing_nullable=False)
    with op.batch_alter_table("tree_photos") as table:
        table.drop_column("kept")
    op.drop_table("discarded_files")
