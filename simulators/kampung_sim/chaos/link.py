"""A link that can be broken: a proxy, and the one who mends it again."""

from __future__ import annotations

from collections.abc import Callable

from kampung_sim.proxy import Mode, Proxy


class Link:
    """Between one program and the broker on loopback port ``target``; ``seed`` is for the dice of what is lost."""

    def __init__(self, target: int, seed: int) -> None:
        self._proxy = Proxy(target, seed)
        self._faults = 0
        self.port = self._proxy.port

    @property
    def dropped(self) -> int:
        """Packets lost so far."""
        return self._proxy.dropped

    def fault(self, mode: Mode, share: float) -> Callable[[], None]:
        """From now on; gives what mends it, which does nothing once another fault has taken its place."""
        self._proxy.set(mode, share=share)
        self._faults += 1
        mine = self._faults

        def mend() -> None:
            if self._faults == mine:
                self.heal()

        return mend

    def heal(self) -> None:
        """Everything passes."""
        self._proxy.set(Mode.PASS)

    def close(self) -> None:
        """End, with all connections."""
        self._proxy.close()
