import { promisify } from 'node:util';
import { afterEach, expect, test } from '@jest/globals';
import { startApp, until, type Started } from './support.js';
import { problemIn, rawConnection, type RawConnection } from './raw.js';

let app: Started;
const connections: RawConnection[] = [];
afterEach(async () => {
  for (const { socket } of connections.splice(0)) socket.destroy();
  await app.close();
});

const LIVEZ = 'GET /livez HTTP/1.1\r\nHost: x\r\n\r\n';
function open(bytes = LIVEZ): RawConnection {
  const connection = rawConnection(app.port, bytes);
  connections.push(connection);
  return connection;
}
const gauge = async (name: string) =>
  Number(new RegExp(`^${name.replace(/[{}]/g, '\\$&')} (\\d+)$`, 'm').exec(await app.metrics.expose())?.[1]);

test('connections beyond the limit get 503 without being read; when one closes there is room again', async () => {
  app = await startApp({}, { maxConnections: 3 });
  const held = [open(), open(), open('')];
  await until(() => held.filter(({ received }) => received().includes('alive')).length === 2);
  expect(await gauge('rutox_connections')).toBe(3);

  const { head, problem } = problemIn(await open(LIVEZ + LIVEZ).closed);
  expect(head).toMatch(/^HTTP\/1\.1 503 Service Unavailable\r\n/);
  expect(head).toContain('Retry-After: 1');
  expect(head).toContain('Connection: close');
  expect(problem).toMatchObject({ type: 'urn:rutox:problem:too_many_connections', status: 503 });
  expect(await gauge('rutox_rejected_total{reason="too_many_connections"}')).toBe(1);
  // Whoever has a connection notices nothing.
  held[0]!.socket.write(LIVEZ);
  await until(() => held[0]!.received().split('alive').length === 3);
  await until(() => app.log.length === 3);
  expect(app.log.map(({ route }) => route)).toEqual(['/livez', '/livez', '/livez']);

  held[2]!.socket.destroy();
  let answered = false;
  // The server may not have noticed yet.
  for (let i = 0; i < 50 && !answered; i++)
    answered = (await open(LIVEZ.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n')).closed).includes(
      'alive',
    );
  expect(answered).toBe(true);
  for (const { socket } of connections) socket.destroy();
  for (let i = 0; i < 500 && (await gauge('rutox_connections')) > 0; i++) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect(await gauge('rutox_connections')).toBe(0);
});

test('a refused client that never reads nor closes is let go, and a flood of them too', async () => {
  app = await startApp({}, { maxConnections: 1 });
  const first = open();
  await until(() => first.received().includes('alive'));
  const refused = Array.from({ length: 400 }, () => open('POST '));
  await Promise.all(refused.map(({ closed }) => closed));
  expect(await gauge('rutox_rejected_total{reason="too_many_connections"}')).toBe(400);
  expect(await gauge('rutox_connections')).toBe(1);
  // Counted by Node, too: none is left behind.
  const count = () => promisify(app.server.getConnections.bind(app.server))();
  const deadline = Date.now() + 4000;
  while ((await count()) > 1 && Date.now() < deadline)
    await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await count()).toBe(1);
}, 20_000);
