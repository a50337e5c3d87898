import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { openControlSocket, requestReload, type ControlAnswer } from '../../src/cluster/control-socket.js';

let folder: string;
let path: string;
const open: { close(): void }[] = [];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rutox-control-'));
  path = join(folder, 'control.sock');
});

afterEach(() => {
  for (const socket of open.splice(0)) socket.close();
  rmSync(folder, { recursive: true });
});

async function listen(answer: () => Promise<ControlAnswer>): Promise<{ close(): void }> {
  const control = await openControlSocket(path, answer);
  open.push(control);
  return control;
}

describe('control socket', () => {
  it('reloads and tells when it is done', async () => {
    let reloads = 0;
    await listen(async () => {
      reloads++;
      return { ok: true };
    });
    await requestReload(path);
    await requestReload(path);
    expect(reloads).toBe(2);
  });

  it('passes on why a reload failed', async () => {
    await listen(async () => ({ ok: false, message: 'vocab.json: 2 bytes' }));
    await expect(requestReload(path)).rejects.toThrow('the old model serves on: vocab.json: 2 bytes');
  });

  it('may be used by its owner only', async () => {
    await listen(async () => ({ ok: true }));
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  it('refuses other commands, and is not harmed by clients that leave', async () => {
    await listen(async () => ({ ok: true }));
    connect(path).destroy();
    const socket = connect(path).setEncoding('utf8');
    socket.write(`${'x'.repeat(1000)}\n`);
    expect(String((await once(socket, 'data'))[0])).toContain('the only command is: reload');
    socket.destroy();
    await requestReload(path);
  });

  it('says so when no server answers', async () => {
    await expect(requestReload(path)).rejects.toThrow('control.sock: no server answers (ENOENT)');
  });

  it('takes the place of a socket that a killed server left behind', async () => {
    const killed = `require('net').createServer().listen(${JSON.stringify(path)}, () => process.kill(process.pid, 'SIGKILL'))`;
    expect(spawnSync(process.execPath, ['-e', killed]).signal).toBe('SIGKILL');
    expect(existsSync(path)).toBe(true);
    await listen(async () => ({ ok: true }));
    await requestReload(path);
  });

  it('removes nothing that is no socket', async () => {
    writeFileSync(path, 'somebody needs this');
    await expect(listen(async () => ({ ok: true }))).rejects.toThrow('something else than a socket');
    expect(readFileSync(path, 'utf8')).toBe('somebody needs this');
  });

  it('leaves a socket alone that another server listens on', async () => {
    await listen(async () => ({ ok: true }));
    await expect(openControlSocket(path, async () => ({ ok: true }))).rejects.toThrow(
      'another server listens',
    );
    await requestReload(path);
  });

  it('is gone after close', async () => {
    const control = await listen(async () => ({ ok: true }));
    control.close();
    expect(existsSync(path)).toBe(false);
  });

  it('fails in one line where it cannot be', async () => {
    path = join(folder, 'no', 'such', 'folder.sock');
    await expect(listen(async () => ({ ok: true }))).rejects.toThrow(/^listen [A-Z]+/);
  });
});
