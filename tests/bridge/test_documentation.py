"""The page of devices, and the catalogue of quantities, say what the profiles say."""

from pathlib import Path

import pytest
from kampung_bridge.documentation import page
from kampung_bridge.profile import load_profile, profile_ids
from kampung_contract.quantities import catalogue

DOCS = Path(__file__).parents[2] / "docs"


def test_the_page_of_devices_is_current() -> None:
    assert (DOCS / "devices.md").read_text("utf-8") == page(), "run: python -m kampung_bridge.documentation > docs/devices.md"


@pytest.mark.parametrize("profile_id", profile_ids())
def test_every_quantity_is_in_the_catalogue_with_its_unit(profile_id: str) -> None:
    known = catalogue()
    for quantity, unit in load_profile(profile_id).quantities.items():
        assert quantity in known, f"add [{quantity}] to contract/kampung_contract/data/quantities.toml"
        assert known[quantity].unit == unit


def test_the_models_people_buy_are_there() -> None:
    """At least 20, and every name this repository's issues use."""
    ids = set(profile_ids())
    soil = {"dfrobot-sen0600", "dfrobot-sen0601", "dfrobot-sen0604", "dfrobot-sen0605", "womaster-es107", "seeed-101990667"}
    air = {"pms3003", "pms5003", "pms5003t", "pms7003", "sds011"}
    weather = {"xy-md02", "dfrobot-sen0657", "dfrobot-sen0658", "dfrobot-sen0482", "xunchip-xm9505", "rain-pulse"}
    level = {"a02yyuw", "me007ys", "jsn-sr04t", "sen0627"}
    assert soil | air | weather | level | {"pzem-004t-v3", "ds18b20", "sht3x", "bme280"} <= ids
    assert len(ids) >= 20
