import subprocess
import sys
import time

import psutil


def test_it_ends_with_its_parent_even_while_it_warms_up():
    command = [sys.executable, "-m", "sslcore.evaluation.projection_process"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    assert done.returncode == 0
    assert done.stdout == b""


def test_the_parents_side_loads_neither_torch_nor_umap():
    code = (
        "import sys, sslcore.evaluation.projection_server, sslcore.evaluation.layout_cache; "
        "sys.exit(' '.join({'torch', 'umap', 'numba', 'sklearn'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60)
    assert done.stderr.strip() == b""


def test_it_does_not_outlive_a_window_that_is_killed():
    code = (
        "import time\n"
        "from sslcore.evaluation.projection_server import ProjectionServer\n"
        "server = ProjectionServer()\n"
        "server.start()\n"
        "while server.process_id is None: time.sleep(0.01)\n"
        "print(server.process_id, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, text=True
    ) as window:
        child = psutil.Process(int(window.stdout.readline()))
        window.kill()
    end = time.monotonic() + 60
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
        assert time.monotonic() < end
        time.sleep(0.05)
