"""NVIDIA's client of the Open Inference Protocol, which sends and asks for binary tensors unless told otherwise."""

import numpy as np
import pytest
import tritonclient.http as triton
from tritonclient.utils import InferenceServerException

MODEL = "toxicity"


@pytest.fixture
def client(server):
    with triton.InferenceServerClient(server.host) as connection:
        yield connection


@pytest.fixture
def headers(server):
    return {"Authorization": f"Bearer {server.key}"}


def tensor(texts: list[str], binary: bool = True) -> triton.InferInput:
    data = np.array([text.encode() for text in texts], dtype=object)
    given = triton.InferInput("text", data.shape, "BYTES")
    given.set_data_from_numpy(data, binary_data=binary)
    return given


def test_health_and_metadata(client, headers):
    assert client.is_server_live()
    assert client.is_server_ready()
    assert client.is_model_ready(MODEL, headers=headers)
    assert "binary_tensor_data" in client.get_server_metadata(headers=headers)["extensions"]
    metadata = client.get_model_metadata(MODEL, headers=headers)
    assert [given["datatype"] for given in metadata["inputs"]] == ["BYTES"]


@pytest.mark.parametrize("binary_input", [True, False])
@pytest.mark.parametrize("binary_output", [True, False])
def test_infer(client, headers, comments, binary_input, binary_output):
    wanted = [triton.InferRequestedOutput(MODEL, binary_data=binary_output)]
    result = client.infer(MODEL, [tensor(comments, binary_input)], outputs=wanted, headers=headers)
    scores = result.as_numpy(MODEL)
    assert (scores.dtype, scores.shape) == (np.float32, (2,))
    assert list(scores > 0.5) == [False, True]


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_compressed(client, headers, comments, coding):
    result = client.infer(MODEL, [tensor(comments)], headers=headers, request_compression_algorithm=coding)
    assert list(result.as_numpy(MODEL) > 0.5) == [False, True]


def test_errors_are_those_of_the_client(client, headers, comments):
    with pytest.raises(InferenceServerException) as caught:
        client.infer("sentiment", [tensor(comments)], headers=headers)
    assert caught.value.status() == "404"
    with pytest.raises(InferenceServerException) as caught:
        client.infer(MODEL, [tensor(comments)])
    assert caught.value.status() == "401"
