"""Who is known at a kiosk by a PIN; the kiosks' keys."""

import sqlalchemy as sa
from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "kiosk_pins",
        sa.Column("resident", sa.Integer(), primary_key=True, autoincrement=False),
        sa.Column("village", sa.String(13), nullable=False),
        sa.Column("name", sa.String(16), nullable=False, unique=True),
        sa.Column("pin_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("first", sa.Boolean(), nullable=False),
        sa.Column("card", sa.Integer()),
        sa.Column("by", sa.String(63), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
    )
    op.create_index("ix_kiosk_pins_village", "kiosk_pins", ["village"])
    op.create_table(
        "kiosk_helper_pins",
        sa.Column("account", sa.String(63), primary_key=True),
        sa.Column("pin_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
    )
    with op.batch_alter_table("nodes") as table:
        table.add_column(sa.Column("public", sa.LargeBinary()))


def downgrade() -> None:
    """Take back."""
    with op.batch_alter_table("nodes") as table:
        table.drop_column("public")
    for name in ("kiosk_helper_pins", "kiosk_pins"):
        op.drop_table(name)
