from __future__ import annotations

import time

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.profiles import RFC_9106_LOW_MEMORY

from qa_service.passwords import DEFAULT_HASHER, ArgonPasswords


@pytest.fixture
def passwords():
    return ArgonPasswords(PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))


def test_a_password_fits_its_own_hash_alone(passwords):
    made = passwords.hash("correct horse battery")

    assert made.startswith("$argon2id$")
    assert "horse" not in made
    assert passwords.verify(made, "correct horse battery")
    assert not passwords.verify(made, "correct horse batterY")
    assert made != passwords.hash("correct horse battery")


@pytest.mark.parametrize("broken", [None, "", "x", "$argon2id$v=19$m=8,t=1,p=1$broken"], ids=str)
def test_nothing_fits_what_is_no_hash(passwords, broken):
    assert not passwords.verify(broken, "correct horse battery")


def test_new_hashes_have_the_recommended_parameters_and_others_are_outdated(passwords):
    made = ArgonPasswords().hash("correct horse battery")

    assert extract_parameters(made) == RFC_9106_LOW_MEMORY
    assert extract_parameters(DEFAULT_HASHER.hash("x")) == RFC_9106_LOW_MEMORY
    assert passwords.is_outdated(made)
    assert not ArgonPasswords().is_outdated(made)


def test_a_name_that_is_not_known_takes_as_long():
    """Checking nobody's password does the work of a check: far more than looking into the store."""
    slow = ArgonPasswords(PasswordHasher(time_cost=2, memory_cost=16_384, parallelism=1))
    made = slow.hash("correct horse battery")
    slow.verify(None, "first")

    def seconds(password_hash):
        begun = time.perf_counter()
        slow.verify(password_hash, "wrong horse battery")
        return time.perf_counter() - begun

    known = min(seconds(made) for _ in range(5))
    unknown = min(seconds(None) for _ in range(5))
    assert known / 3 < unknown < known * 3
