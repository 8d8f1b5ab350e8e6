"""Codes on letters: nothing changed passes, no NIK in them, small enough for paper; keys change and old letters stay good."""

import stat
from datetime import date, timedelta

import base45
import pytest
import segno
from hypothesis import given, settings
from hypothesis import strategies as st
from kampung_cloud.modules.services.signing import Claim, NotSigned, PublicKeys, SigningKeys, decode, encode
from kampung_cloud.modules.services.signing.code import PREFIX
from kampung_contract.errors import ConfigurationError

VILLAGE = "35.10.24.2008"
days = st.dates(date(2020, 1, 1), date(2120, 1, 1))
claims = st.builds(
    Claim,
    letter=st.text("ABCDEFGH23456789-", min_size=9, max_size=14),
    village=st.just(VILLAGE),
    number=st.text(max_size=60),
    service=st.text(max_size=63),
    day=days,
    until=st.none() | days,
    name=st.text(max_size=60),
    digest=st.binary(min_size=16, max_size=16),
)


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    return SigningKeys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def signing(keys):
    return keys.signing(VILLAGE, 1)


@given(claims)
def test_a_code_says_what_was_signed(keys, signing, claim):
    found = decode(encode(claim, *signing), keys.public())
    assert (found.claim, found.owner) == (claim, VILLAGE)


@settings(max_examples=300)
@given(claims, st.data())
def test_one_changed_bit_is_refused(keys, signing, claim, data):
    signed = bytearray(base45.b45decode(encode(claim, *signing)[len(PREFIX) :]))
    bit = data.draw(st.integers(0, len(signed) * 8 - 1))
    signed[bit // 8] ^= 1 << bit % 8
    with pytest.raises(NotSigned):
        decode(PREFIX + base45.b45encode(bytes(signed)).decode(), keys.public())


def test_every_bit_of_one_code(keys, signing):
    claim = Claim("K7M3-9QXR-2026", VILLAGE, "500/001/429.523.03/XI/2026", "keterangan-usaha", date(2026, 11, 30), None, "Siti", bytes(16))
    text = encode(claim, *signing)
    signed = base45.b45decode(text[len(PREFIX) :])
    public = keys.public()
    for bit in range(len(signed) * 8):
        changed = bytearray(signed)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(NotSigned):
            decode(PREFIX + base45.b45encode(bytes(changed)).decode(), public)
    for at in range(len(text)):
        for other in (text[:at] + text[at + 1 :], text[:at] + ("0" if text[at] != "0" else "1") + text[at + 1 :]):
            with pytest.raises(NotSigned):
                decode(other, public)


@given(st.text(max_size=60) | st.text(st.sampled_from("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"), max_size=400).map(PREFIX.__add__))
def test_anything_else_is_refused_in_words(keys, text):
    with pytest.raises(NotSigned) as caught:
        decode(text, keys.public())
    assert len(str(caught.value)) > 10


def test_the_longest_code_fits_paper(signing):
    longest = Claim("K7M3-9QXR-2026", VILLAGE, "9" * 80, "s" * 63, date(2026, 11, 30), date(2030, 1, 1), "Ñ" * 60, bytes(16))
    assert int(segno.make(encode(longest, *signing), error="m").version) <= 20


def test_keys_change_and_old_letters_stay_good(tmp_path):
    keys = SigningKeys(tmp_path)
    claim = Claim("A", VILLAGE, "1", "s", date(2026, 11, 30), date(2026, 11, 30) + timedelta(30), "Siti", bytes(16))
    old, before = encode(claim, *keys.signing(VILLAGE, 1)), keys.public()
    new = keys.rotate(VILLAGE, 5)
    assert keys.signing(VILLAGE, 6)[1] == new.kid
    code = encode(claim, *keys.signing(VILLAGE, 6))
    assert decode(old, keys.public()).kid != decode(code, keys.public()).kid
    with pytest.raises(NotSigned, match="key that is not known here"):
        decode(code, before)
    rows = keys.public().rows()
    assert [r["until"] for r in rows] == [None, 5] and "private" not in str(rows).lower()
    assert decode(old, PublicKeys.read(rows)).claim == claim
    assert {stat.S_IMODE(p.stat().st_mode) for p in tmp_path.rglob("*") if p.is_file()} == {0o600}


def test_a_key_that_is_lost_or_damaged_is_told(tmp_path):
    keys = SigningKeys(tmp_path)
    kid = keys.signing(VILLAGE, 1)[1]
    (tmp_path / VILLAGE / f"{kid.hex()}.pem").write_text("nothing")
    with pytest.raises(ConfigurationError, match="restore it from the backup, or rotate"):
        keys.signing(VILLAGE, 2)
    (tmp_path / VILLAGE / f"{kid.hex()}.json").write_text("{}")
    with pytest.raises(ConfigurationError, match="restore the folder"):
        keys.signing(VILLAGE, 2)
