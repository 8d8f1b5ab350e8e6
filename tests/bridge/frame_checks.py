"""What makes a delivered frame valid, decoder by decoder, written apart from the decoders."""

from collections.abc import Callable
from functools import reduce
from operator import xor

from kampung_bridge.cobs import cobs_decode
from kampung_bridge.crc8 import crc8_maxim, crc8_sensirion
from kampung_bridge.modbus import sealed
from kampung_bridge.sdi12 import sdi12_crc


def _pms(raw: bytes) -> bool:
    return raw[:2] == b"BM" and len(raw) == 4 + (raw[2] << 8 | raw[3]) and sum(raw[:-2]) & 0xFFFF == raw[-2] << 8 | raw[-1]


FRAME_CHECKS: dict[str, Callable[[bytes], bool]] = {
    "reply": sealed,
    "request": sealed,
    "a02yyuw": lambda raw: len(raw) == 4 and raw[0] == 0xFF and sum(raw[:3]) % 256 == raw[3],
    "pms3003": _pms,
    "pms5003": _pms,
    "pms5003t": _pms,
    "pms7003": _pms,
    "sds011": lambda raw: raw[:2] == b"\xaa\xc0" and sum(raw[2:8]) % 256 == raw[8] and raw[9:] == b"\xab",
    "ds18b20": lambda raw: len(raw) == 9 and crc8_maxim(raw) == 0,
    "sht3x": lambda raw: crc8_sensirion(raw[:2]) == raw[2] and crc8_sensirion(raw[3:5]) == raw[5] and len(raw) == 6,
    "nmea": lambda raw: reduce(xor, raw[1:-3]) == int(raw[-2:], 16),
    "sdi12-crc": lambda raw: len(raw) < 7 or sdi12_crc(raw[:-3]) == raw[-3:],  # `atttn` and `a` have none
    "link": lambda raw: sealed(cobs_decode(raw) or b""),
    "sdi12": lambda raw: raw.isascii(),
    "mysensors": lambda raw: raw.count(b";") >= 5,
    "ezo": lambda raw: raw.isascii(),
}
