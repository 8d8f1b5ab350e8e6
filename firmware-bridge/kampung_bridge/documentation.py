"""The page of known devices, made from the profiles: `python -m kampung_bridge.documentation > docs/devices.md`."""

import sys

from kampung_bridge.measure import Measure
from kampung_bridge.profile import ModbusProfile, StreamProfile, load_profile, profile_ids

HEAD = """# Devices

<!-- Made from kampung_bridge/profiles: `python -m kampung_bridge.documentation > docs/devices.md`. A test holds it current. -->

What `profile = "…"` of a `[[port.device]]` may be. A device is data: how to add one is told in `firmware-bridge/README.md`. Settings are
those the device leaves its works with; values outside *span* are kept and marked as failed (quality 4).

| profile | device | measures |
|---|---|---|
"""


def page() -> str:
    """Markdown."""
    profiles = [load_profile(profile_id) for profile_id in profile_ids()]
    rows = "".join(f"| [`{p.id}`](#{p.id}) | {p.maker}, {p.title} | {', '.join(p.quantities)} |\n" for p in profiles)
    return HEAD + rows + "".join(_section(profile) for profile in profiles)


def _section(profile: ModbusProfile | StreamProfile) -> str:
    serial = f"{profile.serial.baud} baud, {profile.serial.data_bits}{profile.serial.parity}{profile.serial.stop_bits}"
    if isinstance(profile, ModbusProfile):
        how = f"Modbus RTU, address {profile.address}, {serial}."
        head = "| register | function | type | quantity | unit | scale | span |\n|---|---|---|---|---|---|---|\n"
        table = "".join(
            f"| {r.address} (0x{r.address:02X}) | {r.function:02d} | {r.type}{', low word first' * (r.words == 'little')} {_measure(r)}"
            for r in profile.registers
        )
    else:
        asked = f" Asked with `{profile.request}` (hex)." if profile.request else ""
        how = f"Decoder `{profile.decoder}`, {serial}.{asked}"
        head = "| field | quantity | unit | scale | span |\n|---|---|---|---|---|\n"
        table = "".join(f"| {field} {_measure(measure)}" for field, measure in profile.fields.items())
    notes = f"{profile.notes}\n\n" if profile.notes else ""
    return f"\n## {profile.id}\n\n{profile.maker}: {profile.title}. {how}\n\n{head}{table}\n{notes}Source: {profile.source}.\n"


def _measure(measure: Measure) -> str:
    offset = f" {measure.offset:+g}" if measure.offset else ""
    told = "".join(f"; {value:g} is a fault" for value in measure.faults) + "".join(f"; {value:g} is suspect" for value in measure.doubts)
    return f"| {measure.quantity} | {measure.unit} | {measure.scale:g}{offset} | {measure.span[0]:g} to {measure.span[1]:g}{told} |\n"


if __name__ == "__main__":
    sys.stdout.write(page())
