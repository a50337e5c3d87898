import { execFileSync } from 'node:child_process';
import { beforeAll, describe, expect, it, jest } from '@jest/globals';
import { runCli } from './run-cli.js';

jest.setTimeout(60_000);

describe('rutox completion', () => {
  let bash: string;
  beforeAll(async () => {
    bash = (await runCli(['completion', 'bash'])).stdout;
  });

  /** What bash offers for the last of these words. */
  function offered(...words: string[]): string[] {
    const line = ['rutox', ...words].map((word) => `'${word}'`).join(' ');
    const script = `${bash}COMP_WORDS=(${line}); COMP_CWORD=${words.length}; _rutox; echo "\${COMPREPLY[@]}"`;
    return execFileSync('bash', ['-c', script], { encoding: 'utf8' }).trim().split(' ');
  }

  it('offers in bash the commands, their options and what an option takes', async () => {
    const { stdout } = await runCli(['--help']);
    const commands = [...stdout.matchAll(/^ {2}([a-z]+) /gm)]
      .map(([, name]) => name)
      .filter((name) => name !== 'help');
    expect(commands.length).toBeGreaterThan(7);
    expect(offered('').slice(0, commands.length)).toEqual(commands);
    expect(offered('cl')).toEqual(['classify']);
    expect(offered('model', '')).toEqual(expect.arrayContaining(['verify', 'info']));
    expect(offered('model', 'verify', '--j')).toEqual(['--json']);
    expect(offered('classify', '--re')).toEqual(['--resume']);
    expect(offered('classify', '--policy', '')).toEqual(['premoderate', 'balanced', 'autoban']);
    expect(offered('completion', '')).toEqual(expect.arrayContaining(['bash', 'zsh', 'fish']));
  });

  it('brings the same to zsh and fish', async () => {
    expect((await runCli(['completion', 'zsh'])).stdout).toBe(
      `autoload -U +X bashcompinit && bashcompinit\n${bash}`,
    );
    const { stdout } = await runCli(['completion', 'fish']);
    expect(stdout).toContain("-l policy -x -a 'premoderate balanced autoban'");
    for (const line of stdout.trimEnd().split('\n')) expect(line).toMatch(/^complete -c rutox -n '.+/);
  });

  it('knows three shells', async () => {
    const { code, stderr } = await runCli(['completion', 'csh']);
    expect(code).toBe(2);
    expect(stderr).toContain('Allowed choices are bash, zsh, fish.');
  });
});
