"""The 8-bit checks of one-wire and I²C sensors."""

from typing import Final


def _maxim(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ 0x8C if byte & 1 else byte >> 1
    return byte


def _sensirion(byte: int) -> int:
    for _ in range(8):
        byte = (byte << 1 ^ 0x31) & 0xFF if byte & 0x80 else byte << 1
    return byte


_MAXIM: Final = bytes(map(_maxim, range(256)))
SENSIRION: Final = bytes(map(_sensirion, range(256)))  # the CRC of a byte begun with 0


def crc8_maxim(data: bytes) -> int:
    """x⁸+x⁵+x⁴+1, reflected (0x8C), from 0: DS18B20 data sheet, "CRC generation"."""
    crc = 0
    for byte in data:
        crc = _MAXIM[crc ^ byte]
    return crc


def crc8_sensirion(data: bytes) -> int:
    """x⁸+x⁵+x⁴+1 (0x31), from FF: SHT3x-DIS data sheet, table 19; BE EF gives 92."""
    crc = 0xFF
    for byte in data:
        crc = SENSIRION[crc ^ byte]
    return crc
