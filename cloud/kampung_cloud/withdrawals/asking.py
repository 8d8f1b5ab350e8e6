"""The broker is asked to let a withdrawn node in no more: the commands of ``[broker] refuse``, again until they have succeeded."""

from __future__ import annotations

import subprocess
import threading
from collections.abc import Sequence

import structlog
from kampung_contract.errors import StorageUnavailable
from sqlalchemy import select

from kampung_cloud.health import Health
from kampung_cloud.records import Records
from kampung_cloud.records.withdrawal_models import WithdrawalRow
from kampung_cloud.rounds import Rounds

log = structlog.get_logger("withdrawals")

EVERY_S = 20.0
PATIENCE_S = 10.0
CHECK = "withdrawals"

_one_at_a_time = threading.Lock()


def see_to(records: Records, commands: Sequence[Sequence[str]], health: Health, *, only: str | None = None) -> None:
    """Ask for every withdrawn node for which it was not done, or for ``only`` one, so that who withdraws it need not wait for the others;
    health says whether one is still let in. Raises ``StorageUnavailable``.
    """
    if not commands:
        return
    held = select(WithdrawalRow).where(WithdrawalRow.restored.is_(None)).order_by(WithdrawalRow.id)
    with records.session() as session:
        waiting = [(row.id, row.node) for row in session.scalars(held.where(WithdrawalRow.broker != "refused"))]
    for number, node in waiting:
        if only is None or node == only:
            _ask(records, commands, number)
    with records.session() as session:
        failed = [row.node for row in session.scalars(held.where(WithdrawalRow.broker == "asked"))]
    if failed:
        health.set(CHECK, False, f"the broker may still let in {', '.join(failed)[:300]}; 'kampung-cloud nodes list --withdrawn' says why")
    elif waiting or CHECK in health.report():
        health.set(CHECK, True)


def _ask(records: Records, commands: Sequence[Sequence[str]], number: int) -> None:
    """For one withdrawal."""
    with _one_at_a_time:
        with records.session() as session:
            row = session.get_one(WithdrawalRow, number)
        if row.restored is not None or row.broker == "refused":
            return  # it may have another account by now
        why = refuse(commands, row.node)
        with records.session() as session:
            row = session.get_one(WithdrawalRow, number)
            if row.broker != "refused":  # by another process meanwhile
                row.broker, row.broker_note = ("asked", why[:300]) if why else ("refused", "")
    log.info("broker asked to refuse", node=row.node, done=not why, reason=why)


def refuse(commands: Sequence[Sequence[str]], node: str) -> str:
    """Run them for a node, each to its end; why one did not succeed, or nothing. A node's name holds nothing but a-z, 0-9, - and _."""
    for command in commands:
        words = [word.replace("{node}", node) for word in command]
        try:
            done = subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=PATIENCE_S, check=False)
        except subprocess.TimeoutExpired:
            return f"{words[0]} does not end within {PATIENCE_S:.0f} s"
        except OSError as error:
            return f"{words[0]}: {error.strerror}"
        if done.returncode:
            said = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
            return f"{words[0]} ends with {done.returncode}" + (f": {said[-1][:160]}" if said else "")
    return ""


class Asking(Rounds):
    """A thread that asks again; the first time is when the node is withdrawn. Without commands there is nothing to do."""

    def __init__(self, records: Records, commands: Sequence[Sequence[str]], health: Health) -> None:
        super().__init__("withdrawals")
        self._records, self._commands, self._health = records, commands, health

    def start(self) -> None:
        """Begin."""
        if self._commands:
            super().start()

    def round(self) -> float:
        """As ``Rounds`` says."""
        try:
            see_to(self._records, self._commands, self._health)
        except StorageUnavailable as error:
            log.debug("withdrawals wait", reason=error.message)
        except Exception:  # the next round asks again; a thread that ends would ask for nobody
            log.exception("withdrawals")
        return EVERY_S
