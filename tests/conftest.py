"""Settings for all tests."""

from hypothesis import HealthCheck, settings

# No deadline: a shared machine is slow at times, and speed is not what properties state.
# Derandomised: the same commit gives the same answer.
settings.register_profile("project", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("project")
