"""what an engine outside this process cannot keep itself: its log, where series stand, rows without a true time."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""

    op.create_table(
        "telemetry_log",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("share", sa.String(length=63), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telemetry_log")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_telemetry_log_share"), "telemetry_log", ["share"], unique=False)
    op.create_table(
        "telemetry_series",
        sa.Column("id", sa.String(length=191), nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("node", sa.String(length=63), nullable=False),
        sa.Column("device", sa.String(length=63), nullable=False),
        sa.Column("quantity", sa.String(length=63), nullable=False),
        sa.Column("unit", sa.String(length=32), nullable=False),
        sa.Column("first", sa.BigInteger(), nullable=False),
        sa.Column("t", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("v", sa.Float(), nullable=False),
        sa.Column("q", sa.Integer(), nullable=False),
        sa.Column("readings", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_telemetry_series")),
    )
    op.create_index(op.f("ix_telemetry_series_village"), "telemetry_series", ["village"], unique=False)
    op.create_table(
        "telemetry_packs",
        sa.Column("node", sa.String(length=63), nullable=False),
        sa.Column("epoch", sa.String(length=64), nullable=False),
        sa.Column("ranges", sa.JSON(), nullable=False),
        sa.Column("readings", sa.BigInteger(), nullable=False),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("entry", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("node", "epoch", name=op.f("pk_telemetry_packs")),
    )
    op.create_table(
        "telemetry_estimates",
        sa.Column("series", sa.String(length=191), nullable=False),
        sa.Column("boot", sa.String(length=64), nullable=False),
        sa.Column("since", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("v", sa.Float(), autoincrement=False, nullable=False),
        sa.Column("t", sa.BigInteger(), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("q", sa.Integer(), nullable=False),
        sa.Column("node", sa.String(length=63), nullable=False),
        sa.Column("epoch", sa.String(length=64), nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("series", "boot", "since", "v", name=op.f("pk_telemetry_estimates")),
    )
    op.create_index(op.f("ix_telemetry_estimates_node"), "telemetry_estimates", ["node"], unique=False)
    op.create_table(
        "telemetry_corrections",
        sa.Column("node", sa.String(length=63), nullable=False),
        sa.Column("boot", sa.String(length=64), nullable=False),
        sa.Column("up", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("node", "boot", name=op.f("pk_telemetry_corrections")),
    )


def downgrade() -> None:
    """Take back."""

    for table in ("telemetry_corrections", "telemetry_estimates", "telemetry_packs", "telemetry_series", "telemetry_log"):
        op.drop_table(table)
