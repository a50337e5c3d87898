"""rutox's network behind LitServe, set up as its documentation advises for a CPU."""

import os

import litserve
from rutox_model import RutoxModel


class ToxicityAPI(litserve.LitAPI):
    def setup(self, device: str) -> None:
        self.model = RutoxModel()

    def decode_request(self, request: dict) -> str:
        return request["text"]

    def predict(self, texts: list[str]) -> list[float]:
        return self.model.score(texts)

    def encode_response(self, output: float) -> dict:
        return {"toxic_score": output}


if __name__ == "__main__":
    processes = int(os.environ["PEER_PROCESSES"])
    server = litserve.LitServer(
        ToxicityAPI(max_batch_size=64, batch_timeout=0.002),
        accelerator="cpu",
        workers_per_device=processes,
    )
    server.run(
        host="127.0.0.1",
        port=int(os.environ["PORT"]),
        num_api_servers=processes,
        log_level="warning",
        generate_client_file=False,
        access_log=False,
    )
