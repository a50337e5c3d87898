"""Starts MLServer on the folder mlserver/, with the settings that the bench gives."""

import os
import sys
from pathlib import Path

from mlserver.cli.main import main

HERE = Path(__file__).parent

if __name__ == "__main__":
    os.environ["MLSERVER_HTTP_PORT"] = os.environ["PORT"]
    os.environ["MLSERVER_PARALLEL_WORKERS"] = os.environ["PEER_PROCESSES"]
    # Its inference processes find the runtime and what that imports there.
    os.environ["PYTHONPATH"] = os.pathsep.join([str(HERE), str(HERE / "mlserver")])
    sys.path[:0] = os.environ["PYTHONPATH"].split(os.pathsep)
    sys.argv = ["mlserver", "start", str(HERE / "mlserver")]
    main()
