"""A certificate of nobody, made anew at each start, and signatures with it."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko.sign.fields import SigSeedSubFilter
from pyhanko_certvalidator.registry import SimpleCertificateStore

NAME = "SIMULASI, bukan sertifikat BSrE"


class SimulatedCertificate:
    """Signs as PAdES B-B: added to the end of the file."""

    def __init__(self) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, NAME), x509.NameAttribute(NameOID.ORGANIZATION_NAME, "SIMULASI")])
        now = datetime.now(UTC)
        usage = x509.KeyUsage(
            digital_signature=True, content_commitment=True, key_encipherment=False, data_encipherment=False, key_agreement=False,
            key_cert_sign=False, crl_sign=False, encipher_only=False, decipher_only=False,
        )  # fmt: skip
        made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        made = made.serial_number(x509.random_serial_number()).not_valid_before(now - timedelta(days=1))
        certificate = made.not_valid_after(now + timedelta(days=365)).add_extension(usage, critical=True).sign(key, hashes.SHA256())
        self.pem: bytes = certificate.public_bytes(Encoding.PEM)
        private = key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        self._signer = signers.SimpleSigner(
            signing_cert=asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER)),
            signing_key=asn1_keys.PrivateKeyInfo.load(private),
            cert_registry=SimpleCertificateStore(),  # type: ignore[no-untyped-call]
        )

    def sign(self, pdf: bytes) -> bytes:
        """The file with a signature. Raises ``ValueError`` for what is no PDF."""
        meta = signers.PdfSignatureMetadata(field_name="SIMULASI", md_algorithm="sha256", subfilter=SigSeedSubFilter.PADES, reason=NAME)
        try:
            writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
            return bytes(signers.sign_pdf(writer, meta, signer=self._signer).getvalue())
        except Exception as error:  # noqa: BLE001 - whatever it stumbles over, the file is none
            raise ValueError(f"not a PDF that can be signed: {type(error).__name__}") from None
