"""rutox's network as a custom runtime of MLServer."""

import numpy as np
from mlserver import MLModel
from mlserver.codecs import NumpyCodec, StringCodec
from mlserver.types import InferenceRequest, InferenceResponse
from rutox_model import RutoxModel


class Toxicity(MLModel):
    async def load(self) -> bool:
        self.network = RutoxModel()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        texts = StringCodec.decode_input(payload.inputs[0])
        scores = np.array(self.network.score(texts), dtype=np.float32)
        return InferenceResponse(
            model_name=self.name, outputs=[NumpyCodec.encode_output(name="toxicity", payload=scores)]
        )
