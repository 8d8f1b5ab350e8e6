"""The command ``kampung-sim printer``."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from typing import Annotated, Any

import typer

from kampung_sim.printer.pages import REASONS, SimulatedPagePrinter
from kampung_sim.printer.service import OK, TROUBLES, SimulatedPrinter
from kampung_sim.process import port_taken


def printer(
    port: Annotated[int, typer.Option(min=1, max=65535)] = 9100,
    host: str = "127.0.0.1",
    letters: Annotated[int, typer.Option(min=0, max=65535, help="Port of a page printer (IPP) for letters; 0 for none.")] = 0,
    folder: Annotated[Path, typer.Option(help="slips.txt is what it printed; write paper, cover, jam or silent into trouble.")] = Path(
        "var/printer"
    ),
) -> None:
    """Stand in for a receipt printer (ESC/POS over TCP): slips end in a file that says SIMULASI. An empty file trouble mends it.

    With --letters a page printer, too: each letter is a PDF in the folder, and jam, paper and cover are its troubles as well.
    """
    ended = threading.Event()

    def end(*_: Any) -> None:
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    if port_taken(host, port):
        sys.stdout.write(f"kampung-sim: port {port} is in use by another program; stop it, or choose another with --port\n")
        raise typer.Exit(2)
    folder.mkdir(parents=True, exist_ok=True)
    order, told = folder / "trouble", OK

    def printed(strip: list[str]) -> None:
        with (folder / "slips.txt").open("a", encoding="utf-8") as out:
            out.write("---- SIMULASI: pencetak ----\n" + "\n".join(strip) + "\n")

    simulated = SimulatedPrinter(host, port, printed)
    simulated.start()
    pages = SimulatedPagePrinter(host, letters, folder / "surat") if letters else None
    sys.stdout.write(f"SIMULASI pencetak: socket://{host}:{simulated.port}, kertasnya {folder / 'slips.txt'}\n")
    sys.stdout.flush()
    while not ended.wait(0.5):
        said = order.read_text(encoding="utf-8").strip() if order.exists() else ""
        known = next((each for each in TROUBLES if each == said), told)
        if known != told:
            told = known
            simulated.tell(known)
            if pages is not None:
                pages.trouble = known if known in REASONS else ""
    simulated.stop()
    if pages is not None:
        pages.stop()
