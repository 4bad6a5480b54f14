"""A small workbook that unpacks to a flood is refused before it is unpacked."""

from __future__ import annotations

import tracemalloc
import zipfile
from pathlib import Path

import pytest

from qa_service.errors import ErrorCode
from qa_service.ingest.limits import Limits
from qa_service.ingest.xlsx import read_xlsx

FLOOD = 64 * 1024 * 1024
LIMITS = Limits(xlsx_bytes=1024 * 1024)


def bomb(path: Path, members: int, size: int) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(members):
            with archive.open(f"xl/worksheets/sheet{number}.xml", "w") as member:
                for _ in range(size // 65536):
                    member.write(b" " * 65536)
    return path


@pytest.mark.parametrize(("members", "size"), [(1, FLOOD), (64, FLOOD // 64)], ids=["one-large", "many-small"])
def test_a_flood_is_refused_by_the_directory_alone(tmp_path: Path, members: int, size: int) -> None:
    path = bomb(tmp_path / "bomb.xlsx", members, size)
    assert path.stat().st_size < FLOOD / 100

    tracemalloc.start()
    (rejected,) = read_xlsx(path, default_zone=None, limits=LIMITS)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert rejected.error.code is ErrorCode.TOO_LARGE  # type: ignore[union-attr]
    assert peak < LIMITS.xlsx_bytes


def test_a_directory_that_understates_a_size_unpacks_no_more_than_it_says(tmp_path: Path) -> None:
    path = bomb(tmp_path / "bomb.xlsx", 1, FLOOD)
    path.write_bytes(path.read_bytes().replace(FLOOD.to_bytes(4, "little"), (1000).to_bytes(4, "little")))

    tracemalloc.start()
    (rejected,) = read_xlsx(path, default_zone=None, limits=LIMITS)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert rejected.error.code is ErrorCode.UNKNOWN_FORMAT  # type: ignore[union-attr]
    assert peak < LIMITS.xlsx_bytes
