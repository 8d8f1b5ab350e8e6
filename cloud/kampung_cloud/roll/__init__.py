"""Who is known at a kiosk without a line: PINs and cards of residents, PINs of helpers, the roll sealed for each kiosk."""
