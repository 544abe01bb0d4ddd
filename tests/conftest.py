"""One hypothesis profile for the whole suite: the same examples on every run, and none stored."""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "theorylab",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=25,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("theorylab")
