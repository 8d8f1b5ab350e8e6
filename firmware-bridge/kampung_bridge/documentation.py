"""The page of known devices, made from the profiles: `python -m kampung_bridge.documentation > docs/devices.md`."""

import sys
from collections.abc import Sequence

from kampung_bridge.measure import Measure
from kampung_bridge.output import LinkOutput, ModbusOutput, Output
from kampung_bridge.profile import ModbusProfile, StreamProfile, load_profile, profile_ids

HEAD = """# Devices

<!-- Made from kampung_bridge/profiles: `python -m kampung_bridge.documentation > docs/devices.md`. A test holds it current. -->

What `profile = "…"` of a `[[port.device]]` may be. A device is data: how to add one is told in `firmware-bridge/README.md`. Settings are
those the device leaves its works with; values outside *span* are kept and marked as failed (quality 4). An output with a timer of its own
goes off by itself, whatever becomes of the kiosk; one without is switched off by the kiosk.

| profile | device | measures | switches |
|---|---|---|---|
"""


def page() -> str:
    """Markdown."""
    profiles = [load_profile(profile_id) for profile_id in profile_ids()]
    rows = "".join(f"| [`{p.id}`](#{p.id}) | {p.maker}, {p.title} | {', '.join(p.quantities)} | {_names(p.outputs)} |\n" for p in profiles)
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
        if profile.sdi12:
            asked = f" SDI-12, address {profile.sdi12.address}, asked with `a{profile.sdi12.command}!`; shares its line with others."
        how = f"Decoder `{profile.decoder}`, {serial}.{asked}"
        head = "| field | quantity | unit | scale | span |\n|---|---|---|---|---|\n"
        table = "".join(f"| {field} {_measure(measure)}" for field, measure in profile.fields.items())
    notes = f"{profile.notes}\n\n" if profile.notes else ""
    measured = f"{head}{table}\n" if table else ""
    switched = _outputs(profile.outputs)
    return f"\n## {profile.id}\n\n{profile.maker}: {profile.title}. {how}\n\n{measured}{switched}{notes}Source: {profile.source}.\n"


def _names(outputs: Sequence[Output]) -> str:
    return ", ".join(output.name for output in outputs[:1]) + (f" to {outputs[-1].name}" if len(outputs) > 1 else "")


def _outputs(outputs: Sequence[Output]) -> str:
    if not outputs:
        return ""
    rows = "".join(f"| {o.name} | {o.title} | {_how(o)} | {f'{o.longest:g} s' if o.longest else 'none'} |\n" for o in outputs)
    return f"| output | title | written | its own timer, at most |\n|---|---|---|---|\n{rows}\n"


def _how(output: Output) -> str:
    if isinstance(output, LinkOutput):
        return f"number {output.number}"
    assert isinstance(output, ModbusOutput)
    text = f"function {output.function:02d}, register {output.address}, on {output.on:04X}, off {output.off:04X} hex"
    if output.timer is not None:
        text += f"; for a time function {output.timer.function:02d}, register {output.timer.address}"
    return f"{text}; read by function {output.read.function:02d}"


def _measure(measure: Measure) -> str:
    offset = f" {measure.offset:+g}" if measure.offset else ""
    told = "".join(f"; {value:g} is a fault" for value in measure.faults) + "".join(f"; {value:g} is suspect" for value in measure.doubts)
    return f"| {measure.quantity} | {measure.unit} | {measure.scale:g}{offset} | {measure.span[0]:g} to {measure.span[1]:g}{told} |\n"


if __name__ == "__main__":
    sys.stdout.write(page())
