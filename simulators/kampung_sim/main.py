"""``kampung-sim``: a village on this machine, and what a technician does to it."""

from __future__ import annotations

import signal
import sys
import threading
from pathlib import Path
from typing import Annotated, Any

import typer
from kampung_contract.errors import KampungError

from kampung_sim.bsre.command import bsre
from kampung_sim.channels.command import channels
from kampung_sim.chaos.command import chaos
from kampung_sim.day.command import day
from kampung_sim.fleet.command import run
from kampung_sim.magma.command import magma
from kampung_sim.printer.command import printer
from kampung_sim.record.command import record
from kampung_sim.registers.command import registers
from kampung_sim.scenario.command import check, scenarios
from kampung_sim.scenario.sample import sample
from kampung_sim.score.command import command as score
from kampung_sim.village import QUEUE_CODE, Village, wait
from kampung_sim.waiting.command import queue

cli = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False, help="Simulated villages.")

State = Annotated[Path, typer.Option(envvar="KAMPUNG_STATE", help="Folder in which the village keeps everything.")]


@cli.callback()
def main() -> None:
    """Simulated villages that talk to the system only from outside."""


cli.command()(channels)
cli.command()(chaos)
cli.command()(check)
cli.command()(scenarios)
cli.command()(day)
cli.command()(sample)
cli.command()(run)
cli.command("score")(score)
cli.command()(record)
cli.command()(magma)
cli.command()(printer)
cli.command()(registers)
cli.command()(bsre)
cli.command()(queue)


@cli.command()
def village(  # noqa: PLR0917 - typer's
    state: State = Path("var/village"),
    kiosk_port: Annotated[int, typer.Option(envvar="KAMPUNG_KIOSK_PORT", min=1, max=65535)] = 8081,
    cloud_port: Annotated[int, typer.Option(envvar="KAMPUNG_CLOUD_PORT", min=1, max=65535)] = 8080,
    messages_port: Annotated[
        int, typer.Option(envvar="KAMPUNG_MESSAGES_PORT", min=1, max=65535, help="What people's phones would show, simulated.")
    ] = 8082,
    host: Annotated[str, typer.Option(envvar="KAMPUNG_HOST", help="0.0.0.0 lets a phone on the same network look.")] = "127.0.0.1",
    history: Annotated[float, typer.Option(min=1, max=600, help="Seconds in which 30 days are replayed at the first start.")] = 20.0,
    telemetry: Annotated[
        str | None,
        typer.Option(
            help="Where the regency keeps readings, chosen at the first start: duckdb:FILE, or the URL of a server (docs/engines.md); "
            "influxdb: or victoriametrics: alone starts one of the village's own.",
            show_default="DuckDB",
        ),
    ] = None,
) -> None:
    """Run Desa Tamansari: broker, regency, kiosk and sensors. Ctrl-C stops everything; the next start goes on from there."""
    ended = threading.Event()

    def end(*_: Any) -> None:
        ended.set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    with Village(state, kiosk_port, cloud_port, host, history, telemetry=telemetry, messages_port=messages_port) as place:
        try:
            place.start(say)
        except KampungError as error:
            say(f"kampung-sim: {error.message}")
            place.stop()
            raise typer.Exit(2) from None
        say("")
        say("Desa Tamansari (35.10.24.2008), Licin, Banyuwangi: rekaman dan simulasi")
        say(f"  Kios warga        http://127.0.0.1:{kiosk_port}/")
        say(f"  Kabupaten         http://127.0.0.1:{cloud_port}/")
        say(f"  Petani (ponsel)   http://127.0.0.1:{cloud_port}/tani")
        say(f"  Udara (ponsel)    http://127.0.0.1:{cloud_port}/udara")
        say(f"  Pesan (SIMULASI)  http://127.0.0.1:{messages_port}/")
        say(f"  PIN kios (contoh) {place.state / 'pin-kios.txt'}, begitu warga contoh terdaftar")
        say(f"  Kertas (SIMULASI) {place.state / 'printer' / 'slips.txt'}, keluar setelah Cetak bukti di kios")
        say(f"  Antrian (SIMULASI) http://127.0.0.1:{kiosk_port}/antrian, layar ruang tunggu")
        say(f"                    http://127.0.0.1:{kiosk_port}/loket, kode {QUEUE_CODE}; di loket 2 ada petugas buatan")
        say(f"  Surat (SIMULASI)  {place.state / 'printer' / 'surat'}, keluar setelah Cetak surat ini di Data saya")
        say(f"  Dukcapil, DTSEN (SIMULASI) http://127.0.0.1:{place.registers_port}/")
        say(f"  BSrE (SIMULASI)   http://127.0.0.1:{place.bsre_port}/, passphrase kepala desa ada di sana")
        say(f"  Pengaduan contoh  {place.complaint}: tiket dan kata sandi untuk Lihat jawaban di kios")
        say(f"  Petugas           http://127.0.0.1:{cloud_port}/petugas, akun contoh:")
        for account, password in place.accounts.items():
            say(f"                      {account:<20} {password}")
        say(f"  API               http://127.0.0.1:{cloud_port}/api/v1/openapi.json")
        say(f"  Catatan program   {place.state / 'log'}")
        say("Ctrl-C menghentikan semuanya. 'kampung-sim cut --seconds 60' memutus jaringan desa.")
        wait(place, ended, say)
        say("Menghentikan semuanya …")
    say("Berhenti. Data tetap tersimpan; nyalakan lagi untuk melanjutkan.")


@cli.command()
def cut(state: State = Path("var/village"), seconds: Annotated[float, typer.Option(min=1, max=86_400)] = 60.0) -> None:
    """Cut the link of the running village (its broker stops) and mend it after SECONDS."""
    if not (state / "lock").exists():
        say(f"kampung-sim: no village runs from {state}; start one with 'kampung-sim village', or name its folder with --state")
        raise typer.Exit(2)
    draft = state / "cut.new"
    draft.write_text(str(seconds), encoding="utf-8")
    draft.replace(state / "cut")
    say(f"Jaringan desa diputus selama {seconds:.0f} detik.")


def say(line: str) -> None:
    """A line for the person at the terminal."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    cli()
