import { describe, expect, it } from '@jest/globals';
import { usageOf } from '../../load-tests/servers/process-tree.js';
import { startServer, withServers } from '../../load-tests/servers/server-process.js';
import { expressEcho, rawEcho, single } from '../../load-tests/servers/targets.js';

const ask = async (port: number) => {
  const response = await fetch(`http://127.0.0.1:${port}${single.path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify(single.body(['раз'])),
  });
  return response.text();
};

describe('the echoes', () => {
  it('answer what rutox answers, in as many bytes', async () => {
    await withServers([rawEcho(1), expressEcho(1)], async (servers) => {
      for (const { port } of servers) {
        expect(Object.keys(JSON.parse(await ask(port)) as object)).toEqual([
          'is_toxic',
          'toxic_score',
          'threshold',
          'model',
        ]);
      }
    });
  }, 30_000);

  it('run in so many processes, and leave none behind', async () => {
    const server = await startServer(rawEcho(2));
    const usage = server.usage();
    await server.stop();
    // A primary and two below it, where the system tells.
    if (process.platform === 'linux') expect(usage?.residentMb).toHaveLength(3);
    await expect(ask(server.port)).rejects.toThrow();
  }, 30_000);
});

describe('startServer', () => {
  it('says what a server said that did not start', async () => {
    const spec = {
      name: 'a server',
      command: process.execPath,
      args: ['-e', 'console.error("no model"); process.exit(1)'],
      readyPath: '/',
    };
    await expect(startServer(spec)).rejects.toThrow('a server did not start: no model');
  }, 30_000);
});

(process.platform === 'linux' ? describe : describe.skip)('usageOf', () => {
  it('knows what this process has used', () => {
    const before = usageOf(process.pid)!;
    const end = performance.now() + 100;
    while (performance.now() < end);
    const after = usageOf(process.pid)!;
    expect(after.cpuSeconds).toBeGreaterThan(before.cpuSeconds);
    expect(after.voluntarySwitches + after.involuntarySwitches).toBeGreaterThan(0);
    expect(after.residentMb[0]).toBeGreaterThan(20);
  });

  it('knows nothing of a process that is not there', () => {
    expect(usageOf(2 ** 30)).toBeUndefined();
  });
});
