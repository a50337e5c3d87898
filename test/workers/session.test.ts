import { describe, expect, it } from '@jest/globals';
import { verifyModel } from '../../src/model/verify.js';
import { openSession } from '../../workers/session.js';
import { realModelDir } from '../fixtures/model-dir.js';

describe('openSession', () => {
  it('keeps no copy of the file once ONNX Runtime has its own, and leaves the file whole', async () => {
    const { onnx } = await verifyModel(realModelDir);
    const bytes = onnx.bytes.slice();
    const before = process.memoryUsage().arrayBuffers;
    await openSession(onnx.bytes);
    const after = process.memoryUsage().arrayBuffers;
    expect(after - before).toBeLessThan(bytes.length / 2);
    expect(Buffer.from(onnx.bytes).equals(bytes)).toBe(true);
  });
});
