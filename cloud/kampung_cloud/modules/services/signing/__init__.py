"""Signed codes of letters. Ours proves who issued what; it has no certified legal force (that is BSrE's)."""

from kampung_cloud.modules.services.signing.code import Claim, Verified, decode, encode
from kampung_cloud.modules.services.signing.cose import NotSigned
from kampung_cloud.modules.services.signing.keys import PublicKeys, SigningKeys

__all__ = ["Claim", "NotSigned", "PublicKeys", "SigningKeys", "Verified", "decode", "encode"]
