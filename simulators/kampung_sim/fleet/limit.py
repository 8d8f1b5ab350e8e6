"""Room for many connections in one process."""

from __future__ import annotations

import resource

from kampung_contract.errors import ConfigurationError

EACH = 2
"""A kiosk's socket, and the one it is about to open when the link has broken."""
OTHERS = 200


def make_room(kiosks: int) -> None:
    """Raise the limit of open files as far as ``kiosks`` need; what is started after this inherits it.

    Raises ``ConfigurationError`` where the machine does not allow it.
    """
    needed = kiosks * EACH + OTHERS
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= needed:
        return
    try:
        ceiling = needed if hard == resource.RLIM_INFINITY else max(needed, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (needed, ceiling))
    except (OSError, ValueError):
        most = max(0, (hard - OTHERS) // EACH)
        raise ConfigurationError(
            f"{kiosks} kiosks need {needed} open files at once, and this process may open {hard} ({most} kiosks): "
            f"raise it with 'ulimit -Hn {needed}' as root, LimitNOFILE={needed} in a systemd unit, or take fewer nodes"
        ) from None
