"""Topics and village codes: invalid ones cannot exist."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from kampung_contract.errors import InvalidTopic, KampungError, UnknownVillage
from kampung_contract.topics import Address, Lane, Topic, content
from kampung_contract.villages import village, villages

codes = st.sampled_from([v.code for v in villages()])
nodes = st.from_regex(r"[a-z0-9][a-z0-9_-]{0,30}", fullmatch=True).filter(lambda n: n != "all")


def test_there_are_217_villages_189_desa_and_28_kelurahan() -> None:
    """The regency as Kepmendagri lists it."""
    kinds = [v.type for v in villages()]
    assert (len(kinds), kinds.count("desa"), kinds.count("kelurahan")) == (217, 189, 28)
    assert all(-9 < v.latitude < -7 and 113 < v.longitude < 115 for v in villages())


def test_tamansari_the_tourism_village_is_in_licin() -> None:
    """Two villages bear the name; the code tells them apart."""
    place = village("35.10.24.2008")
    assert (place.name, place.kecamatan, place.kecamatan_code, place.desa_code) == ("Tamansari", "Licin", "351024", "2008")


@pytest.mark.parametrize(
    ("code", "says"),
    [("35.10.24.2099", "did you mean"), ("Tamansari", "35.10.24.2008"), ("35.10.13.2003", "is now 35.10.25.2007"), ("", "write it as")],
)
def test_an_unknown_village_gets_a_way_out(code: str, says: str) -> None:
    """The value, and the remedy: like codes, the code of a name, the new code of a re-coded village."""
    with pytest.raises(UnknownVillage, match=says):
        village(code)


@given(codes, nodes, st.sampled_from(Lane))
def test_topics_come_back_as_they_went(code: str, node: str, lane: Lane) -> None:
    """Built and parsed by one class."""
    address = Address(code, node)
    assert Topic.parse(address.up(lane)) == Topic(code, node, "up", lane)
    assert Topic.parse(address.state) == Topic(code, node, "state")
    assert Topic.parse(address.receipt) == Topic(code, node, "receipt")
    assert Topic.parse(content(code, "alarms")) == Topic(code, "all", "content", "alarms")


@given(st.text(max_size=60) | st.builds("kampung/v1/{}/{}/{}".format, st.text(max_size=8), st.text(max_size=5), st.text(max_size=20)))
def test_any_text_is_a_topic_or_an_error_of_ours(text: str) -> None:
    """Nothing else is ever raised."""
    with contextlib.suppress(KampungError):
        Topic.parse(text)


@pytest.mark.parametrize("node", ["", "all", "Kiosk", "a/b", "a+", "#", "-a", "a" * 64])
def test_a_node_name_that_would_break_topics_is_refused(node: str) -> None:
    """Wildcards, levels and the reserved word."""
    with pytest.raises(InvalidTopic):
        Address("35.10.24.2008", node)


def test_a_topic_of_a_village_that_is_not_is_refused() -> None:
    """Dead letters name the code."""
    with pytest.raises(UnknownVillage, match=r"35\.10\.99\.2008"):
        Topic.parse("kampung/v1/351099/2008/kiosk-1/up/live")
