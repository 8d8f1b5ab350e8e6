"""Numbers of letters."""

from kampung_cloud.letter_numbers import DEFAULT, check, number
from kampung_cloud.modules.services.numbering.allocating import Scope, allocate, scope_name

__all__ = ["DEFAULT", "Scope", "allocate", "check", "number", "scope_name"]
