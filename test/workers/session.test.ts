import { describe, expect, it, jest } from '@jest/globals';
import { InferenceSession } from 'onnxruntime-node';
import { verifyModel } from '../../src/model/verify.js';
import { openSession } from '../../workers/session.js';
import { realModelDir } from '../fixtures/model-dir.js';

describe('openSession', () => {
  it('gives the copy of the file back that it made for ONNX Runtime, and leaves the file whole', async () => {
    const { onnx } = await verifyModel(realModelDir);
    const bytes = Buffer.from(onnx.bytes);
    const create = jest.spyOn(InferenceSession, 'create');
    await openSession(onnx.bytes);
    const [copy] = create.mock.calls[0]! as unknown as [Uint8Array];
    expect(copy.buffer).not.toBe(onnx.bytes.buffer);
    expect(copy.buffer.byteLength).toBe(0);
    expect(Buffer.from(onnx.bytes).equals(bytes)).toBe(true);
  });
});
