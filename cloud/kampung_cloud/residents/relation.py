"""A person's place in a family, and how a village's register and OpenSID name it."""

from __future__ import annotations

from typing import Literal, get_args

Relation = Literal["kepala", "suami", "istri", "anak", "menantu", "cucu", "orangtua", "mertua", "famili", "pembantu", "lainnya", ""]
RELATIONS: tuple[str, ...] = get_args(Relation)
"""In the order of the family card (KK): OpenSID's ``kk_level`` 1 to 11, and nothing said."""

State = Literal["tinggal", "pindah", "meninggal", "hilang"]
STATES: tuple[str, ...] = get_args(State)
