"""What stands behind the channels of messages, simulated: Telegram, WhatsApp, an SMS gateway, a webhook's receiver, a mail server."""
