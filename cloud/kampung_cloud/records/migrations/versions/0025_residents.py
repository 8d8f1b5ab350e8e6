"""Residents, families, who read of them, what they ask for, files on their way in."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

REFUSED = "the access log is never changed"


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "access_heads",
        sa.Column("chain", sa.String(length=13), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("chain", name="pk_access_heads"),
    )
    op.create_table(
        "access_log",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("chain", sa.String(length=13), nullable=False),
        sa.Column("n", sa.BigInteger(), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("actor", sa.String(length=63), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("purpose", sa.String(length=32), nullable=False),
        sa.Column("what", sa.String(length=16), nullable=False),
        sa.Column("resident", sa.Integer(), nullable=True),
        sa.Column("detail", sa.String(length=200), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_access_log"),
        sa.UniqueConstraint("chain", "n", name="uq_access_log_chain"),
    )
    op.create_index("ix_access_log_resident", "access_log", ["resident"])
    op.create_table(
        "data_requests",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("resident", sa.Integer(), nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("text_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("answer_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("received", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.BigInteger(), nullable=False),
        sa.Column("closed", sa.BigInteger(), nullable=True),
        sa.Column("by", sa.String(length=63), nullable=False),
        sa.Column("closed_by", sa.String(length=63), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_data_requests"),
    )
    op.create_index("ix_data_requests_resident", "data_requests", ["resident"])
    op.create_index("ix_data_requests_state", "data_requests", ["state"])
    op.create_index("ix_data_requests_village", "data_requests", ["village"])
    op.create_table(
        "families",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("kk_sealed", sa.LargeBinary(), nullable=False),
        sa.Column("kk_hash", sa.LargeBinary(length=16), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("doubts", sa.JSON(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_families"),
    )
    op.create_index("ix_families_kk_hash", "families", ["kk_hash"])
    op.create_index("ix_families_village", "families", ["village"])
    op.create_table(
        "resident_events",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("resident", sa.Integer(), nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(length=63), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_resident_events"),
    )
    op.create_index("ix_resident_events_resident", "resident_events", ["resident"])
    op.create_table(
        "resident_imports",
        sa.Column("id", sa.String(length=16), nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("file", sa.String(length=100), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("lines", sa.Integer(), nullable=False),
        sa.Column("taken", sa.Integer(), nullable=False),
        sa.Column("mapping", sa.JSON(), nullable=False),
        sa.Column("report", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(length=63), nullable=False),
        sa.Column("at", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_resident_imports"),
    )
    op.create_index("ix_resident_imports_village", "resident_imports", ["village"])
    op.create_table(
        "resident_tokens",
        sa.Column("resident", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("token", sa.String(length=40), nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.PrimaryKeyConstraint("resident", "token", name="pk_resident_tokens"),
        sqlite_with_rowid=False,
    )
    op.create_index("ix_resident_tokens_token", "resident_tokens", ["token"])
    op.create_index("ix_resident_tokens_village", "resident_tokens", ["village", "token"])
    op.create_table(
        "residents",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("village", sa.String(length=13), nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("sex", sa.String(length=1), nullable=False),
        sa.Column("born", sa.String(length=10), nullable=True),
        sa.Column("birthplace", sa.String(length=100), nullable=False),
        sa.Column("family", sa.Integer(), nullable=True),
        sa.Column("relation", sa.String(length=16), nullable=False),
        sa.Column("hamlet", sa.String(length=60), nullable=False),
        sa.Column("rt", sa.String(length=5), nullable=False),
        sa.Column("rw", sa.String(length=5), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("nik_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("nik_hash", sa.LargeBinary(length=16), nullable=True),
        sa.Column("contacts_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("details_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("doubts", sa.JSON(), nullable=False),
        sa.Column("created", sa.BigInteger(), nullable=False),
        sa.Column("changed", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_residents"),
    )
    op.create_index("ix_residents_family", "residents", ["family"])
    op.create_index("ix_residents_nik_hash", "residents", ["nik_hash"])
    op.create_index("ix_residents_village", "residents", ["village"])
    _protect()


def downgrade() -> None:
    """Take back."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER access_log_stays ON access_log")
        op.execute("DROP FUNCTION access_log_stays()")
    op.drop_table("residents")
    op.drop_table("resident_tokens")
    op.drop_table("resident_imports")
    op.drop_table("resident_events")
    op.drop_table("families")
    op.drop_table("data_requests")
    op.drop_table("access_log")
    op.drop_table("access_heads")


def _protect() -> None:
    """Lines of the access log are added and never changed or deleted, whoever asks the database for it."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute(f"CREATE FUNCTION access_log_stays() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION '{REFUSED}'; END $$")
        op.execute("CREATE TRIGGER access_log_stays BEFORE UPDATE OR DELETE ON access_log FOR EACH ROW EXECUTE FUNCTION access_log_stays()")
        return
    for act in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER access_log_no_{act.lower()} BEFORE {act} ON access_log BEGIN SELECT RAISE(ABORT, '{REFUSED}'); END")
