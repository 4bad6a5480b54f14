"""The reviewer pages: server-rendered, working without script. Owns no inspection; every page is one workflow call."""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.staticfiles import StaticFiles

from api.pages import (
    access,
    account,
    agents,
    assignments,
    audit,
    chats,
    dead_letters,
    log_in_oidc,
    people,
    queue,
    rules,
    shop,
    why,
)

STATIC = Path(__file__).parent / "static"

router = APIRouter(include_in_schema=False)
for part in (
    access,
    account,
    log_in_oidc,
    queue,
    chats,
    assignments,
    why,
    agents,
    shop,
    rules,
    dead_letters,
    people,
    audit,
):
    router.include_router(part.router)


def mount_static(app: FastAPI) -> None:
    """Serve style sheets, the script and the icon under `/static`."""
    app.mount("/static", StaticFiles(directory=STATIC), name="static")
