"""The predecessor's CNN in its own stack: FastAPI, uvicorn, TorchScript with int8 weights.

The network of `bench/make_predecessor.py` with random weights, which does not change its speed. Its text work is
that of its notebook: lower case, words by a regular expression, a look-up in the vocabulary, padding to 128.
"""

import json
import os
import re
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import torch
import uvicorn
from fastapi import FastAPI
from fastapi.responses import ORJSONResponse
from pydantic import BaseModel
from torch import Tensor, nn

WORDS, DIM, FILTERS, WIDTHS, TOKENS = 20_000, 256, 256, (3, 4, 5), 128
WORD = re.compile(r"[а-яёa-z]+")

# One process for each CPU: more threads than that would fight.
torch.set_num_threads(1)


class PredecessorCNN(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(WORDS, DIM)
        self.branches = nn.ModuleList(nn.Conv1d(DIM, FILTERS, width) for width in WIDTHS)
        self.head = nn.Linear(FILTERS * len(WIDTHS), 1)

    def forward(self, ids: Tensor) -> Tensor:
        channels = self.embedding(ids).transpose(1, 2)
        pooled = [torch.relu(branch(channels)).amax(2) for branch in self.branches]
        return torch.sigmoid(self.head(torch.cat(pooled, 1)))[:, 0]


@cache
def model() -> torch.jit.ScriptModule:
    with warnings.catch_warnings():
        # Both are deprecated, and are what it ran on.
        warnings.simplefilter("ignore")
        int8 = torch.ao.quantization.quantize_dynamic(PredecessorCNN().eval(), {nn.Linear}, dtype=torch.qint8)
        traced = torch.jit.trace(int8, torch.zeros(1, TOKENS, dtype=torch.long))
        return torch.jit.optimize_for_inference(torch.jit.freeze(traced))


@cache
def vocabulary() -> dict[str, int]:
    """Any words will do: 0 pads, 1 stands for unknown ones."""
    words = json.loads(Path(os.environ["VOCABULARY"]).read_text())["words"]
    return {word: 2 + number % (WORDS - 2) for number, word in enumerate(words)}


@asynccontextmanager
async def load(_: FastAPI) -> AsyncIterator[None]:
    model(), vocabulary()
    yield


app = FastAPI(default_response_class=ORJSONResponse, lifespan=load)


class Comment(BaseModel):
    text: str


class Comments(BaseModel):
    texts: list[str]


def score(texts: list[str]) -> list[float]:
    ids = torch.zeros(len(texts), TOKENS, dtype=torch.long)
    for row, text in enumerate(texts):
        words = [vocabulary().get(word, 1) for word in WORD.findall(text.lower())[:TOKENS]]
        ids[row, : len(words)] = torch.tensor(words, dtype=torch.long)
    with torch.inference_mode():
        return model()(ids).tolist()


# `async`: a pool of threads was slower here, since one process has one CPU.
@app.post("/v1/classify")
async def classify(comment: Comment) -> dict[str, object]:
    toxic_score = score([comment.text])[0]
    return {"is_toxic": toxic_score > 0.5, "toxic_score": toxic_score}


@app.post("/v1/classify/batch")
async def classify_batch(comments: Comments) -> dict[str, object]:
    scores = score(comments.texts)
    return {"results": [{"is_toxic": each > 0.5, "toxic_score": each} for each in scores]}


@app.get("/readyz")
async def ready() -> dict[str, object]:
    return {}


if __name__ == "__main__":
    uvicorn.run(
        "fastapi_server:app",
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        workers=int(os.environ["PEER_PROCESSES"]),
        access_log=False,
        log_level="warning",
        # Loading torch takes a busy machine longer than the usual 5 s, after which a worker would be replaced.
        timeout_worker_healthcheck=120,
    )
