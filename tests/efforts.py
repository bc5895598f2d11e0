"""How hard hypothesis tries, so many examples on every run and ten times as many in ``scripts/test --long``, and how
seldom Python looks for circles of references.
"""

import gc

from hypothesis import HealthCheck, settings

USUAL = 100
"""Examples of a test that names no number."""

# Hundreds of thousands of objects stay for the whole run, and each search for circles visits them: a twentieth of the
# time. A test that is about circles looks for them itself.
gc.set_threshold(50_000, 20, 100)

# No example may be too slow, and each run tries the same ones: a busy machine and bad luck are no reason to fail.
settings.register_profile(
    "usual",
    max_examples=USUAL,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow],
)
# Before a release others are tried each time. One that fails prints how to try it again.
settings.register_profile(
    "long",
    parent=settings.get_profile("usual"),
    max_examples=10 * USUAL,
    derandomize=False,
    database=None,
    print_blob=True,
)
# Where only the version of Python is new, the values are those of the other lane.
settings.register_profile("brief", parent=settings.get_profile("usual"), max_examples=USUAL // 5)
settings.load_profile("usual")


def effort(examples: int, *, long: int = 0) -> settings:
    """Try so many examples as a rule, and in a long run as many times more as everybody else, or so many: ``long``.

    Where an example takes long, or there are many tests of the same kind, a long run has more than ten times as many.
    """
    if long and settings.default.max_examples > USUAL:
        return settings(max_examples=long)
    return settings(max_examples=examples * settings.default.max_examples // USUAL)
