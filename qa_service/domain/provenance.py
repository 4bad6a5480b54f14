"""What a result was made from: same provenance, same result."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Provenance:
    """Digests (hex sha256) and versions of everything that a result depends on."""

    text_sha256: str
    rules_digest: str
    policy_digest: str
    model_revision: str
    rubric: str
    rubric_version: int
    rubric_digest: str
    code_version: str

    @property
    def digest(self) -> str:
        """One hex sha256 over all fields."""
        return hashlib.sha256(json.dumps(asdict(self), sort_keys=True).encode()).hexdigest()
