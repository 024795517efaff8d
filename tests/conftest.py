"""What all tests share: none finds real AWS credentials."""

from __future__ import annotations

from collections.abc import Iterator

import hypothesis
import pytest

# How long an example takes says more of the machine than of the code: `make bench` measures time.
hypothesis.settings.register_profile("untimed", deadline=None)
hypothesis.settings.load_profile("untimed")


@pytest.fixture(autouse=True, scope="session")
def no_real_account() -> Iterator[None]:
    """Credentials that open nothing, so that a forgotten stub cannot reach an account."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("AWS_ACCESS_KEY_ID", "test")
        environment.setenv("AWS_SECRET_ACCESS_KEY", "test")
        environment.setenv("AWS_DEFAULT_REGION", "us-east-1")
        environment.delenv("AWS_PROFILE", raising=False)
        yield
