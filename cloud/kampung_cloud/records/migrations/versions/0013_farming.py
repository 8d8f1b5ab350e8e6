"""Fields, what farmers say of them, the morning's lists, the farm book, prices."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "farm_fields",
        sa.Column("id", sa.String(length=63), nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("crop", sa.String(length=63), nullable=False),
        sa.Column("variety", sa.String(length=80), nullable=False),
        sa.Column("texture", sa.String(length=31), nullable=False),
        sa.Column("area", sa.Float(), nullable=False),
        sa.Column("flow", sa.Float(), nullable=True),
        sa.Column("latitude", sa.Float(), nullable=False),
        sa.Column("longitude", sa.Float(), nullable=False),
        sa.Column("altitude", sa.Float(), nullable=False),
        sa.Column("planted", sa.String(length=10), nullable=True),
        sa.Column("target", sa.Integer(), nullable=False),
        sa.Column("direct", sa.Boolean(), nullable=False),
        sa.Column("sensors", sa.JSON(), nullable=False),
        sa.Column("tell", sa.JSON(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("ended", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_farm_fields"),
    )
    op.create_index("ix_farm_fields_village", "farm_fields", ["village"])
    op.create_table(
        "farm_reports",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("field", sa.String(length=63), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_farm_reports"),
    )
    op.create_index("ix_farm_reports_field", "farm_reports", ["field"])
    op.create_table(
        "farm_advice",
        sa.Column("field", sa.String(length=63), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("colour", sa.String(length=10), nullable=False),
        sa.Column("actions", sa.JSON(), nullable=False),
        sa.Column("water", sa.JSON(), nullable=False),
        sa.Column("answers", sa.JSON(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("field", "day", name="pk_farm_advice"),
    )
    op.create_index("ix_farm_advice_village", "farm_advice", ["village"])
    op.create_table(
        "farm_book",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("field", sa.String(length=63), nullable=False),
        sa.Column("season", sa.String(length=10), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("what", sa.String(length=120), nullable=False),
        sa.Column("amount", sa.Float(), nullable=True),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.Column("income", sa.BigInteger(), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_farm_book"),
    )
    op.create_index("ix_farm_book_field", "farm_book", ["field"])
    op.create_table(
        "farm_prices",
        sa.Column("commodity", sa.String(length=63), nullable=False),
        sa.Column("place", sa.String(length=13), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("rupiah", sa.BigInteger(), nullable=False),
        sa.Column("unit", sa.String(length=20), nullable=False),
        sa.Column("by", sa.String(length=80), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("commodity", "place", "day", name="pk_farm_prices"),
    )


def downgrade() -> None:
    """Take back."""
    for table in ("farm_prices", "farm_book", "farm_advice", "farm_reports", "farm_fields"):
        op.drop_table(table)
