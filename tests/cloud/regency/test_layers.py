"""Layers of the regency's map: what every one of them keeps to, and the two that the core brings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_cloud.app import CloudApp
from kampung_cloud.modules import MODULES
from kampung_cloud.records.models import AlarmRow
from kampung_cloud.regency.catalogue import layers, sections
from kampung_cloud.regency.kecamatan import grouped, sums
from kampung_cloud.regency.layer import MOST_CLASSES, Class, Layer, Value, averaged, summed, worst
from kampung_contract.villages import villages

from ..alone import cloud_alone, put_readings
from ..conftest import HTTP, VILLAGE, get, now_ms

HOUR = 3_600_000
NEIGHBOUR, FAR = "35.10.24.2001", "35.10.01.2001"
LEGEND = (Class("calm", "Tenang", "#000000", "disc"), Class("grave", "Gawat", "#ffffff", "square"))


def layer(**changed: Any) -> Layer:
    """One that is in order, but for what is changed."""
    about: dict[str, Any] = {
        "key": "x-1", "title": "X", "about": "X.", "unit": "", "decimals": 0, "legend": LEGEND, "source": "a source here",
        "values": lambda *_: {}, "together": worst,
    }  # fmt: skip
    return Layer(**about | changed)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CloudApp]:
    """One village measured until now, one until three days ago; an alarm in a third, which began two days ago and ended a day later."""
    with cloud_alone(tmp_path_factory.mktemp("layers")) as app:
        now = now_ms()
        fresh = [(now - n * HOUR, "kiosk-1.gauge.water_level", VILLAGE, 1.0, "m") for n in range(100)]
        old = [(now - n * HOUR, "kiosk-2.gauge.water_level", NEIGHBOUR, 1.0, "m") for n in range(72, 100)]
        put_readings(app, [*fresh, *old])
        with app._records.session() as session:
            session.add(alarm(now - 48 * HOUR, now - 24 * HOUR))
        yield app


def alarm(since: int, until: int | None) -> AlarmRow:
    """In a village whose sensors say nothing."""
    words = {"id": "Sungai naik"}
    return AlarmRow(
        id=f"r:s:{since}", rule="r", village=FAR, node="kiosk-3", scope="s", series="s", severity=2, since=since, until=until, value=2.0,
        unit="m", threshold=1.5, title=words, message=words, source="a test", announced=True, worst=2.0, worst_at=since, scale="waspada",
        about="flood", withdrawn=False, became=None,
    )  # fmt: skip


def test_every_layer_and_section() -> None:
    """Keys are unique; each has a source and a legend that can be read; each comes from a module or the core."""
    keys = [each.key for each in layers()]
    assert len(set(keys)) == len(keys)
    assert keys[:2] == ["alarms", "readings"]
    assert len({s.key for s in sections()}) == len(sections())
    assert set(sections()) >= {s for m in MODULES for s in m.sections}
    for each in layers():
        assert len(each.source) >= 10, each.key
        assert 2 <= len(each.legend) <= MOST_CLASSES
        assert each.about.endswith(".")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"key": "Air Quality"}, "'Air Quality'"),
        ({"legend": LEGEND[:1]}, "has 1 classes"),
        ({"legend": tuple(Class(f"k{n}", f"w{n}", f"#00000{n}", "disc") for n in range(8))}, "has 8 classes; a legend has 2 to 7"),
        ({"legend": (LEGEND[0], Class("other", "Tenang", "#111111", "bar"))}, "one word"),
        ({"legend": (LEGEND[0], Class("other", "Lain", "red", "bar"))}, "'red'"),
        ({"source": ""}, "no source"),
    ],
)
def test_a_layer_that_no_map_could_show(changed: dict[str, Any], says: str) -> None:
    """It does not come to be."""
    with pytest.raises(ValueError, match=says):
        layer(**changed)


VALUES = st.builds(
    Value, st.none() | st.integers(0, 99), st.sampled_from(["calm", "grave"]), st.integers(0, 5), st.none() | st.integers(0, 9)
)


@given(st.dictionaries(st.sampled_from([v.code for v in villages()][:40]), VALUES))
def test_a_kecamatan_is_its_villages(values: dict[str, Value]) -> None:
    """By code: each village counts once; none is calmer than its gravest village; n adds up; without data there is no value."""
    everyone = tuple(villages())
    found = sums(layer(), everyone, values)
    assert [each.of for each in found] == [len(members) for members in grouped(everyone).values()]
    assert sum(each.of for each in found) == 217
    assert sum(each.known for each in found) == len(values)
    for each in found:
        inside = [v for code, v in values.items() if code.startswith(each.code)]
        assert (each.value is None) == (not inside)
        if each.value is not None:
            assert (each.value.kind == "grave") == any(v.kind == "grave" for v in inside)
            assert each.value.n == sum(v.n for v in inside)


def test_sum_and_mean() -> None:
    """Both are judged anew, and a village of which only the class is known takes no part in a mean."""
    some = [Value(1, "calm", 1, 5), Value(3, "calm", 2, None), Value(None, "grave", 4, 2)]
    judge = lambda value: "grave" if value > 3 else "calm"  # noqa: E731
    assert summed(judge)(layer(), some) == Value(4, "grave", 7, 2)
    assert averaged(judge)(layer(), some) == Value(2, "calm", 7, 2)
    assert averaged(judge)(layer(), some[2:]) == some[2]


def test_ages_of_readings(cloud: CloudApp) -> None:
    """Of now to the hour; of the past by class, as it was then; who measured nothing has no data."""
    now = get(cloud, "regency/layers/readings")
    assert set(now["villages"]) == {VILLAGE, NEIGHBOUR}
    assert (now["villages"][VILLAGE]["class"], now["villages"][NEIGHBOUR]["class"]) == ("hour", "week")
    assert round(now["villages"][NEIGHBOUR]["value"]) == 72
    assert now["villages"][VILLAGE]["n"] in (24, 25)
    licin = now["kecamatan"]["35.10.24"]
    assert (licin["name"], licin["class"], licin["known"], licin["of"]) == ("Licin", "week", 2, 8)
    assert now["kecamatan"]["35.10.01"]["class"] is None
    then = get(cloud, "regency/layers/readings", at=now["at"] - 80 * HOUR)
    assert {v["class"] for v in then["villages"].values()} == {"hour"}
    before = get(cloud, "regency/layers/readings", at=now["at"] - 200 * HOUR)
    assert before["villages"] == {}


def test_alarms_at_a_time(cloud: CloudApp) -> None:
    """In force or not, as the slider goes; calm is only who is heard of."""
    now = now_ms()
    shown = get(cloud, "regency/layers/alarms")["villages"]
    assert {code: v["class"] for code, v in shown.items()} == {VILLAGE: "none"}
    then = get(cloud, "regency/layers/alarms", at=now - 30 * HOUR)
    assert then["villages"][FAR] == {"value": 1, "class": "siaga", "n": 1, "age": None, "old": False}
    assert then["kecamatan"]["35.10.01"]["class"] == "siaga"
    assert FAR not in get(cloud, "regency/layers/alarms", at=now - 60 * HOUR)["villages"]


def test_what_cannot_be_asked(cloud: CloudApp) -> None:
    """An unknown layer, no time, a time to come."""
    for path, status, says in (
        ("alarm", 404, "did you mean 'alarms'?"),
        ("alarms?at=besok", 422, "at = 'besok' is no time"),
        ("alarms?at=2099-01-01T00:00", 422, "lies in the future"),
    ):
        answer = HTTP.get(f"{cloud.url}/api/v1/regency/layers/{path}")
        assert answer.status_code == status
        assert says in answer.json()["error"]["message"]
    listed = get(cloud, "regency/layers")
    assert [each["key"] for each in listed] == [each.key for each in layers()]
    assert all(set(each["legend"][0]) == {"key", "word", "colour", "shape"} for each in listed)
