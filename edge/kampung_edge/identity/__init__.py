"""Who stands at the kiosk: by NIK, card or receipt and a PIN, or helped by a member of staff; without a line, and without a NIK kept."""
