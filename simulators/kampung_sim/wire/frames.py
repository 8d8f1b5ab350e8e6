"""What a device of a stream profile puts on its line for given values: the inverse of the bridge's decoders."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from kampung_bridge.a02yyuw import encode_a02yyuw
from kampung_bridge.ds18b20 import encode_ds18b20
from kampung_bridge.link import encode_readings
from kampung_bridge.mysensors import TYPES, encode_mysensors
from kampung_bridge.nmea import encode_nmea
from kampung_bridge.pms import encode_pms
from kampung_bridge.profile import StreamProfile
from kampung_bridge.sds011 import encode_sds011
from kampung_bridge.sht3x import encode_sht3x
from kampung_contract.errors import ConfigurationError

Raw = Mapping[str, float]
"""By the decoder's field."""


def _dust(words: int) -> Callable[[Raw, int], bytes]:
    def encode(raw: Raw, _seq: int) -> bytes:
        dust = [round(raw[f]) for f in ("pm1", "pm25", "pm10")]
        rest = [0] * (words - 6)
        if "temperature" in raw:
            rest[4:6] = [round(raw["temperature"]) & 0xFFFF, round(raw["humidity"])]
        return encode_pms([*dust, *dust, *rest])

    return encode


def _mysensors(raw: Raw, _seq: int) -> bytes:
    numbers = {name: number for number, name in TYPES.items()}
    return b"".join(encode_mysensors(1, child, numbers[field], f"{value:.7g}") for child, (field, value) in enumerate(raw.items(), 1))


def _wind(raw: Raw, _seq: int) -> bytes:
    return encode_nmea(f"WIMWV,{raw.get('MWV.1', 0.0):.1f},R,{raw.get('MWV.3', 0.0):.2f},M,A")


ENCODERS: dict[str, Callable[[Raw, int], bytes]] = {
    "a02yyuw": lambda raw, _: encode_a02yyuw(round(raw["distance"])),
    "ds18b20": lambda raw, _: encode_ds18b20(round(raw["temperature"])),
    "ezo": lambda raw, _: ",".join(f"{raw[f]:.3f}" for f in sorted(raw, key=int)).encode() + b"\r",
    "link": lambda raw, seq: encode_readings(seq & 0xFF, {int(f): round(v) for f, v in raw.items()}),
    "mysensors": _mysensors,
    "nmea": _wind,
    "pms3003": _dust(9),
    "pms5003": _dust(13),
    "pms5003t": _dust(13),
    "pms7003": _dust(13),
    "sds011": lambda raw, _: encode_sds011(round(raw["pm25"]), round(raw["pm10"])),
    "sht3x": lambda raw, _: encode_sht3x(round(raw["temperature"]), round(raw["humidity"])),
}


def stream_frame(profile: StreamProfile, values: Mapping[str, float], seq: int = 0) -> bytes | None:
    """One frame with ``values`` by quantity; None when one is missing. Raises ``ConfigurationError`` for what has no line of its own."""
    if profile.decoder not in ENCODERS:
        raise ConfigurationError(
            f"profile {profile.id!r}: a {profile.decoder} hangs on a microcontroller, not on a serial line; "
            "use kampung-node in its place, or --depth fleet"
        )
    if any(m.quantity not in values for m in profile.fields.values()):
        return None
    return ENCODERS[profile.decoder]({field: m.raw(values[m.quantity]) for field, m in profile.fields.items()}, seq)


def sdi12_numbers(profile: StreamProfile, values: Mapping[str, float]) -> list[float]:
    """The values of a measurement in their order; none when one is missing."""
    if any(m.quantity not in values for m in profile.fields.values()):
        return []
    return [m.raw(values[m.quantity]) for _, m in sorted(profile.fields.items(), key=lambda item: int(item[0]))]
