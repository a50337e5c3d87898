"""Starts the built server, once for all tests: with a key, as the clients bring one."""

import json
import os
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
KEY = "key-of-the-python-clients"
TOXIC = "Иди нахуй, дебил"
HARMLESS = "Завтра обещают дождь"


@dataclass(frozen=True)
class Server:
    host: str
    key: str

    @property
    def url(self) -> str:
        return f"http://{self.host}"


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    keys = tmp_path_factory.mktemp("rutox") / "keys"
    keys.write_text(f"shop:{KEY}\n")
    settings = {"HOST": "127.0.0.1", "PORT": "0", "RUTOX_PROCESSES": "1", "RUTOX_API_KEYS_FILE": str(keys)}
    process = subprocess.Popen(
        ["node", "dist/src/main.js", "serve"],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **settings},
        stdout=subprocess.PIPE,
        text=True,
    )
    # Few requests are made: what the server logs of them fits into the pipe.
    for line in process.stdout:
        entry = json.loads(line)
        if entry["msg"] == "ready":
            yield Server(f"127.0.0.1:{entry['port']}", KEY)
            process.terminate()
            assert process.wait(timeout=30) == 0
            return
    pytest.fail("the server ended before it was ready")


@pytest.fixture
def comments() -> list[str]:
    """One that is harmless, one that is not."""
    return [HARMLESS, TOXIC]
