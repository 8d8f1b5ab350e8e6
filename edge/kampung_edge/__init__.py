"""The agent on the village kiosk: sensors in, packs to the cloud and back as receipts, and the kiosk's own API."""

VERSION = "0.1.0"
