"""When the node's state is published, and how a second edge of the same name is discovered. Time is the test's."""

from __future__ import annotations

import pytest
from kampung_contract.documents import Device, State, decode_state, encode
from kampung_contract.pack import Clock, column, decode
from kampung_contract.topics import Address, Lane
from kampung_edge.clock import EdgeClock
from kampung_edge.packing import Draft
from kampung_edge.presence import Presence
from kampung_edge.spool import Spool

OTHER = encode(State(True, "0" * 16, "otherrun"))


@pytest.fixture
def scene(tmp_path):
    class Scene:
        time = 0.0
        spool = Spool(tmp_path / "spool.sqlite")

    scene = Scene()
    devices = [Device("soil-1", "dfrobot-sen0600")]
    scene.presence = Presence(Address("35.10.24.2008", "kiosk-1"), devices, scene.spool, EdgeClock(True), now=lambda: scene.time)
    yield scene
    scene.spool.close()


def test_birth_renewal_and_waiting_packs(scene):
    """At once, then each quarter of an hour; that packs wait, or no more, at most each 10."""
    birth = decode_state(scene.presence.due())
    assert (birth.online, birth.epoch, birth.run, birth.last) == (True, scene.spool.epoch, scene.presence.run, 0)
    assert birth.devices == [Device("soil-1", "dfrobot-sen0600")]
    scene.spool.append([Draft(Lane.LIVE, [column("d/rain", "mm", [(1, 1.0, 1)])])], "0", Clock(True, 1))
    scene.time = 9.0
    assert scene.presence.due() is None
    scene.time = 10.0
    assert decode_state(scene.presence.due()).spooled == 1
    scene.time = 909.0
    assert scene.presence.due() is None
    scene.time = 910.0
    assert scene.presence.due() is not None
    assert decode_state(scene.presence.will()).online is False


def test_conflict_begins_echoes_and_ends(scene):
    """Told at once, repeated for the other each 20 seconds, over two minutes after its last word."""
    scene.presence.due()
    assert scene.presence.heard(OTHER, retained=False)
    assert decode_state(scene.presence.due()).conflict
    assert "otherrun" in scene.presence.conflict
    scene.time = 10.0
    assert not scene.presence.heard(OTHER, retained=False)
    assert scene.presence.due() is None
    scene.time = 20.0
    assert decode_state(scene.presence.due()).conflict
    scene.time = 131.0
    state = decode_state(scene.presence.due())
    assert not state.conflict
    assert scene.presence.conflict is None


def test_what_is_no_conflict(scene):
    """Our own echo, what stood there before our birth, an earlier run's last will, nonsense."""
    presence = scene.presence
    assert not presence.heard(OTHER, retained=True)
    own = presence.due()
    presence.published()
    assert not presence.heard(own, retained=False)
    assert presence.heard(encode(State(False, "0" * 16, "earlier")), retained=False)
    assert presence.due() is not None
    assert presence.heard(presence.will(), retained=False)
    assert presence.due() is not None
    assert not presence.heard(b"\xff", retained=False)
    assert presence.conflict is None


def test_another_word_in_the_place_of_ours_is_a_conflict(scene):
    """A copied data folder has one client identifier: each throws the other out, and finds its state on return."""
    scene.presence.due()
    scene.presence.published()
    scene.presence.heard(OTHER, retained=True)
    assert scene.presence.conflict


def test_a_state_that_is_further_than_the_spool_begins_a_new_epoch(scene):
    """The folder was restored from a copy, or copied to a second kiosk: the same numbers must not name other packs."""
    draft = Draft(Lane.LIVE, [column("d/rain", "mm", [(1, 1.0, 1)])])
    scene.spool.append([draft, draft], "0", Clock(True, 1))
    epoch = scene.spool.epoch
    scene.presence.heard(encode(State(False, epoch, "earlier", last=2)), retained=True)
    assert scene.spool.epoch == epoch
    scene.presence.heard(encode(State(False, epoch, "earlier", last=3)), retained=True)
    assert scene.spool.epoch != epoch
    while scene.spool.tend("0", Clock(True, 1)):
        pass
    assert [decode(w.payload).epoch for w in scene.spool.peek(9)] == [scene.spool.epoch] * 3
