"""The live view, driven by keys without a terminal (Textual's pilot)."""

from __future__ import annotations

import asyncio
from pathlib import Path

from kampung_sim.fleet.broker import Where
from kampung_sim.fleet.ledger import Ledger
from kampung_sim.fleet.run import Fleet
from kampung_sim.live.view import Help, View
from kampung_sim.process import free_port
from kampung_sim.scenario.load import load
from textual.pilot import Pilot
from textual.widgets import DataTable, RichLog


async def until(pilot: Pilot[object], table: str, text: str) -> None:
    """A cell of a table holds ``text``."""
    for _ in range(1_200):
        found: DataTable[object] = pilot.app.query_one(f"#{table}", DataTable)
        if any(text in str(cell) for row in range(found.row_count) for cell in found.get_row_at(row)):
            return
        await asyncio.sleep(0.05)
    raise AssertionError(f"{text!r} never came up in {table}")


def test_a_key_starts_a_fault_on_what_is_chosen(tmp_path: Path) -> None:
    """Kiosks, their devices, a fault of each kind, the list of faults, and leaving; there is no broker, which is said."""

    async def drive() -> None:
        with Ledger(tmp_path / "ledger", {}) as ledger:
            fleet = Fleet(load(Path("latihan-teknisi")), ledger, Where("127.0.0.1", free_port()), 600.0)
            app = View(fleet, "Latihan", 0.1)
            async with app.run_test(size=(160, 40)) as pilot:
                await until(pilot, "kiosks", "tidak sampai")
                await until(pilot, "devices", "tanah-1")
                await pilot.press("l")
                await until(pilot, "kiosks", "jaringan putus")
                await until(pilot, "kiosks", "diputus")
                await pilot.press("down")
                await pilot.press("tab", "down", "s")
                await until(pilot, "devices", "nilai macet")
                assert [n.faults(fleet.pace.now()) for n in fleet.kiosks][1] == ["nilai macet tanah-1"]
                await pilot.press("Z")
                assert len(app.query_one("#happened", RichLog).lines) >= 2
                await pilot.press("question_mark")
                assert isinstance(app.screen, Help)
                await pilot.press("escape")
                await pilot.press("q", "q")
                await pilot.pause()

    asyncio.run(drive())
