"""What every folder of tests shares."""

from hypothesis import settings

# Machines that run tests are loaded: how long an example took says nothing about the code. Timing is measured in benchmarks/.
settings.register_profile("kampung", deadline=None)
settings.load_profile("kampung")
