"""The 8-bit checks of one-wire and I²C sensors."""


def crc8_maxim(data: bytes) -> int:
    """x⁸+x⁵+x⁴+1, reflected (0x8C), from 0: DS18B20 data sheet, "CRC generation"."""
    crc = 0
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ 0x8C if crc & 1 else crc >> 1
    return crc


def crc8_sensirion(data: bytes) -> int:
    """x⁸+x⁵+x⁴+1 (0x31), from FF: SHT3x-DIS data sheet, table 19; BE EF gives 92."""
    crc = 0xFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc << 1 ^ 0x31) & 0xFF if crc & 0x80 else crc << 1
    return crc
