import subprocess
import sys


def test_it_ends_with_its_parent_even_while_it_warms_up():
    command = [sys.executable, "-m", "sslcore.evaluation.umap_process"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
    assert done.returncode == 0
    assert done.stdout == b""


def test_the_parents_side_loads_neither_torch_nor_umap():
    code = (
        "import sys, sslcore.evaluation.umap_server; "
        "sys.exit(' '.join({'torch', 'umap', 'numba', 'sklearn'} & sys.modules.keys()))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60)
    assert done.stderr.strip() == b""
