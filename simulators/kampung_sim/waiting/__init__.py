"""Made-up people who take numbers at a kiosk, and a clerk who calls them."""
