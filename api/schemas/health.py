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
    notices: dict[str, str] = Field(
        default_factory=dict,
        description="What somebody should see to although the part works: `rules` where packs on disk are refused.",
    )

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "status": "ready",
                    "parts": {"store": "ok", "migrations": "ok", "rules": "ok", "model": "ok", "worker": "ok"},
                    "notices": {},
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
                    "notices": {"rules": "those before stay in force: zh/abuse.yaml:12: there is no field colour"},
                },
            ]
        }
    )
