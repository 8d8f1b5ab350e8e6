"""How much one address may ask without an account. A kiosk of a village is one address, so the limits are wide."""

from __future__ import annotations

from kampung_cloud.rate_limit import HOUR_MS, Limit

FOLLOWING = Limit(120, HOUR_MS, "120 requests an hour are looked up for one address")
VERIFYING = Limit(
    600, HOUR_MS, "600 letters an hour are checked for one address; more can be checked without a line, with kampung-cloud verify"
)
