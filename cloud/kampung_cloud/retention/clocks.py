"""Two clocks before anything is old: that of the cloud alone may be a year ahead, and then all of a year is over its time."""

from __future__ import annotations

from kampung_contract.errors import KampungError

from kampung_cloud.letterhead import moment
from kampung_cloud.retention.times import DAY_MS


def agreed(cloud: int, device: int) -> int:
    """The cloud's, where the device of whoever asks has the same within a day (both ms UTC). Raises ``conflict``, with both."""
    if abs(cloud - device) > DAY_MS:
        said = f"jam server menunjukkan {moment(cloud)}, jam perangkat Anda {moment(device)}"
        raise KampungError(f"{said}; betulkan dulu yang salah, karena masa simpan dihitung dari jam server", code="conflict")
    return cloud
