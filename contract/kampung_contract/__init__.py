"""What both ends of the village link must agree on."""
