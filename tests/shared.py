"""Where tests marked `shared` find their input: `../shared/data`, beside the project's folder."""

import os
from pathlib import Path

import pytest

SHARED_DATA = Path(__file__).resolve().parents[2] / "shared" / "data"


def shared_data(*parts: str) -> Path:
    """The path of a shared file or folder; the test is skipped where it is absent.

    With REQUIRE_SHARED=1 absence is a failure.
    """
    path = SHARED_DATA.joinpath(*parts)
    if not path.exists():
        reason = f"../shared/data/{'/'.join(parts)} is absent"
        if os.environ.get("REQUIRE_SHARED") == "1":
            pytest.fail(f"{reason}, and REQUIRE_SHARED=1")
        pytest.skip(reason)
    return path
