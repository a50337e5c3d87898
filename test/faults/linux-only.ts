import { describe, jest } from '@jest/globals';

jest.setTimeout(120_000);

/** These tests ask /proc for processes, memory and sockets. */
export const linuxOnly = process.platform === 'linux' ? describe : describe.skip;
