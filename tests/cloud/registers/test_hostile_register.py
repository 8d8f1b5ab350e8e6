"""A register that wants to do harm, or a line that does: drops, floods, other addresses, a secured line that breaks."""

from __future__ import annotations

import gzip
import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from itertools import repeat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from kampung_cloud.registers.answer import Unanswered
from kampung_cloud.registers.asking import Asking, Reply
from kampung_cloud.registers.settings import BsreSettings
from kampung_contract.errors import ConfigurationError
from pydantic import ValidationError

SECRET = b"passphrase=rahasia"
HEAD = b"HTTP/1.1 200 OK\r\n"


class Hostile:
    """Answers every question with ``pieces``, one after another with ``gap`` seconds between, then hangs up."""

    def __init__(self, wrap: Callable[[socket.socket], socket.socket] = lambda s: s) -> None:
        self.pieces: Callable[[], Iterator[bytes]] = lambda: iter(())
        self.broken, self.asked, self.gap = False, 0, 0.0
        self._wrap, self._ended = wrap, threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        while not self._ended.is_set():
            with suppress(OSError):
                line, _ = self._socket.accept()
                line.settimeout(30)
                self._answer(line)

    def _answer(self, plain: socket.socket) -> None:
        line = self._wrap(plain)
        with line:
            said = b""
            while not said.endswith(SECRET):
                piece = line.recv(4096)
                if not piece:
                    return
                said += piece
            self.asked += 1
            if self.broken:
                with socket.socket(fileno=line.detach()) as under:
                    under.sendall(b"\x17\x03\x03\x00\x20" + b"x" * 32)  # a record that no key opens
                return
            for piece in self.pieces():
                line.sendall(piece)
                self._ended.wait(self.gap)

    def stop(self) -> None:
        self._ended.set()
        self._socket.close()


@pytest.fixture
def hostile() -> Iterator[Hostile]:
    running = Hostile()
    yield running
    running.stop()


def ask(hostile: Hostile, timeout_s: float = 30, scheme: str = "http", **more: Path) -> Reply | Unanswered:
    asking = Asking("BSrE", timeout_s, 1000, wait=lambda _: None, ca_file=more.get("ca_file"))
    found = asking.post(f"{scheme}://127.0.0.1:{hostile.port}/", SECRET, {}, repeatable=False)
    asking.close()
    return found


def test_drop_by_drop_and_without_an_end(hostile: Hostile) -> None:
    """Each drop comes in time, the whole does not; a flood is not taken for an answer."""
    hostile.pieces, hostile.gap = lambda: iter([HEAD + b"Content-Length: 900\r\n\r\n", *[b"x"] * 900]), 0.02
    found = ask(hostile, 0.2)
    assert isinstance(found, Unanswered) and "not all of it came" in found.detail
    hostile.pieces, hostile.gap = lambda: (HEAD + b"\r\n" if n == 0 else b"x" * 65_536 for n, _ in enumerate(repeat(0))), 0.0
    assert ask(hostile) == Reply(200, b"", False)


def test_what_is_packed_stays_packed_and_no_other_address_hears_the_secret(hostile: Hostile) -> None:
    packed = gzip.compress(bytes(10**6))[:900]
    hostile.pieces = lambda: iter([HEAD + b"Content-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(packed), packed])
    assert ask(hostile) == Reply(200, packed, False)
    other = Hostile()
    place = b"Location: http://127.0.0.1:%d/\r\nContent-Length: 0\r\n\r\n" % other.port
    hostile.pieces = lambda: iter([b"HTTP/1.1 307 Temporary Redirect\r\n", place])
    assert ask(hostile) == Reply(307, b"", False)
    assert other.asked == 0
    other.stop()


def test_a_secured_line_that_breaks_after_the_passphrase_went_out_is_not_asked_again(tmp_path: Path) -> None:
    """Three wrong ones lock a certificate. One that nobody vouches for hears nothing at all."""
    key = ec.generate_private_key(ec.SECP256R1())
    name, now = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "esign.example")]), datetime.now(UTC)
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
    made = made.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), False)
    pem = made.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM)
    file = tmp_path / "server.pem"
    file.write_bytes(pem + key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    hostile = Hostile(lambda line: context.wrap_socket(line, server_side=True))
    hostile.broken = True
    found = ask(hostile, scheme="https", ca_file=file)
    assert isinstance(found, Unanswered) and found.detail == "broke off: SSLError"
    assert hostile.asked == 1
    found = ask(hostile, scheme="https")
    assert isinstance(found, Unanswered) and "certificate is not accepted: self-signed" in found.detail
    assert hostile.asked == 1
    hostile.stop()


@pytest.mark.parametrize("secret", ["dua\nbaris", "rahasia–panjang"])
def test_a_secret_that_no_header_can_carry_is_told_at_the_start_and_not_shown(tmp_path: Path, secret: str) -> None:
    (tmp_path / "key").write_text(secret, encoding="utf-8")
    with pytest.raises(ConfigurationError, match="more than one line of plain letters") as told:
        BsreSettings(url="http://x", user="u", key_file=tmp_path / "key").key()
    assert "rahasia" not in told.value.message
    with pytest.raises(ValidationError):
        BsreSettings(url="http://x", user="a:b", key_file=tmp_path / "key")
