"""Whether the process lives and whether it can work."""

from __future__ import annotations

from typing import Literal

from pydantic import ConfigDict, Field

from api.schemas.base import Schema


class Health(Schema):
    """The process answers."""

    status: Literal["ok"]

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok"}]})


class Readiness(Schema):
    """Whether every part can work, and which cannot."""

    status: Literal["ready", "not_ready"]
    parts: dict[str, str] = Field(
        description="For `store`, `migrations`, `rules`, `model` and `worker` (or `broker`): `ok` or the reason."
    )

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "ready",
                    "parts": {"store": "ok", "migrations": "ok", "rules": "ok", "model": "ok", "worker": "ok"},
                },
                {
                    "status": "not_ready",
                    "parts": {
                        "store": "ok",
                        "migrations": "ok",
                        "rules": "ok",
                        "model": "no model in QA_MODELS_DIR",
                        "worker": "ok",
                    },
                },
            ]
        }
    )
