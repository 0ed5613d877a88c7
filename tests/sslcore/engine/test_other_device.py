"""Every method trains on a device that is not the CPU: whole runs on a virtual one.

What a GPU would refuse (tensors of two devices in one operation, numbers drawn by a generator of
another device, float64 on MPS) is refused there too, and the numbers must be those of the CPU.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from sslcore.method import registry
from tests.sslcore import virtual_device

pytestmark = pytest.mark.skipif(virtual_device.missing(), reason="torch has no devices in Python")
ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def results(images: Path) -> dict[str, dict[str, Any]]:
    command = [sys.executable, "-m", "tests.sslcore.engine.elsewhere", str(images), *registry()]
    done = subprocess.run(
        command, cwd=ROOT, env=dict(os.environ), capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {one["key"]: one for one in lines}


@pytest.mark.parametrize("key", list(registry()))
def test_a_run_on_another_device_mixes_nothing(
    results: dict[str, dict[str, Any]], key: str
) -> None:
    there, here = results[key]["there"], results[key]["here"]
    assert there["reason"] == "completed", there["error"]
    assert there["losses"] == pytest.approx(here["losses"], rel=1e-3)
    assert there["shown"] == here["shown"]
    assert [one.keys() for one in there["metrics"]] == [one.keys() for one in here["metrics"]]
