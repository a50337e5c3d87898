import type { Manifest } from '../../model/manifest.js';
import { packageVersion } from '../../package-root.js';
import { INPUT_NAME, MODEL_NAME, OUTPUT_NAME, type ModelMetadata, type ServerMetadata } from './schemas.js';

/** Only what is implemented is named. */
export function serverMetadata(): ServerMetadata {
  return { name: 'rutox', version: packageVersion(), extensions: ['binary_tensor_data'] };
}

export function modelMetadata({ version }: Manifest): ModelMetadata {
  return {
    name: MODEL_NAME,
    versions: [version],
    platform: 'onnx_onnxv1',
    inputs: [{ name: INPUT_NAME, datatype: 'BYTES', shape: [-1] }],
    outputs: [{ name: OUTPUT_NAME, datatype: 'FP32', shape: [-1] }],
  };
}
