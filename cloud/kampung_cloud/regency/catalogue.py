"""All layers and sections there are: the core's own, then the modules'."""

from __future__ import annotations

import difflib

from kampung_contract.errors import NotFound

from kampung_cloud.modules import MODULES
from kampung_cloud.regency.core import CORE
from kampung_cloud.regency.layer import Layer
from kampung_cloud.regency.report.core_sections import CORE as CORE_SECTIONS
from kampung_cloud.regency.section import Section


def layers() -> tuple[Layer, ...]:
    """In the order in which a page offers them."""
    return (*CORE, *(layer for module in MODULES for layer in module.layers))


def layer(key: str) -> Layer:
    """Raises ``NotFound`` that says which there are."""
    known = {each.key: each for each in layers()}
    if key not in known:
        near = difflib.get_close_matches(key, known, n=1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        raise NotFound(f"no layer is named {key[:40]!r}; {hint}there are: {', '.join(known)}")
    return known[key]


def sections() -> tuple[Section, ...]:
    """In the order of the report."""
    return tuple(sorted((*CORE_SECTIONS, *(each for module in MODULES for each in module.sections)), key=lambda s: (s.order, s.key)))
