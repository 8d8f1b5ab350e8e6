"""What Dukcapil and DTSEN said about the person of a request, until it has been checked."""
