"""What those who answered the satisfaction survey say of themselves, apart from their scores."""

import sqlalchemy as sa
from alembic import op

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Apply."""
    op.create_table(
        "survey_respondents",
        sa.Column("respondent", sa.String(32), primary_key=True),
        sa.Column("village", sa.String(13), nullable=False),
        sa.Column("quarter", sa.String(7), nullable=False),
        *(sa.Column(name, sa.String(10), nullable=False) for name in ("sex", "age", "schooling", "work")),
    )
    op.create_index("ix_survey_respondents_village", "survey_respondents", ["village"])
    op.create_index("ix_survey_respondents_quarter", "survey_respondents", ["quarter"])


def downgrade() -> None:
    """Take back."""
    op.drop_table("survey_respondents")
