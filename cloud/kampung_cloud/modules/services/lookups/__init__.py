"""What Dukcapil and DTSEN said about the person of a request, while the request is open."""
