"""Every Python program in the documents."""

import re

import pytest
from conftest import ROOT

PAGES = sorted((ROOT / "docs").glob("*.md"))
PROGRAMS = [
    pytest.param(program, id=f"{page.name}-{number}")
    for page in PAGES
    for number, program in enumerate(re.findall(r"^```python\n(.*?)^```$", page.read_text("utf-8"), re.M | re.S))
]


def test_there_are_some():
    assert len(PROGRAMS) >= 3


@pytest.mark.parametrize("program", PROGRAMS)
def test_runs(program, server_for_all, capsys):
    exec(program.replace("localhost:8000", server_for_all.host), {})
    # What a page says that is printed, but for the digits of the model.
    said = re.findall(r"^print\(.*#\s*(.*)$", program, re.M)
    printed = capsys.readouterr().out.splitlines()
    assert [without_digits(line) for line in printed] == [without_digits(line) for line in said]


def without_digits(line: str) -> str:
    return re.sub(r"0\.\d+", "0.…", line)
