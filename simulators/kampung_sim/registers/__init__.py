"""Stand-ins for Dukcapil's web service and for DTSEN, over the simulated village's residents. Every answer says that it is simulated."""
