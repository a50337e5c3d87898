import { describe, expect, it } from '@jest/globals';
import { spread, usableCpus } from '../src/cpus.js';

function cpus(parallelism: number, files: Record<string, string>): number {
  return usableCpus({ parallelism: () => parallelism, read: (path) => files[path] });
}

describe('usableCpus', () => {
  it('is what the affinity mask allows where no quota is known', () => {
    expect(cpus(6, {})).toBe(6);
    expect(cpus(6, { '/proc/self/cgroup': 'nonsense\n' })).toBe(6);
  });

  it('obeys the quota of control groups version 2, dropping a part of a CPU', () => {
    const group = { '/proc/self/cgroup': '0::/\n' };
    expect(cpus(64, { ...group, '/sys/fs/cgroup/cpu.max': '200000 100000\n' })).toBe(2);
    expect(cpus(64, { ...group, '/sys/fs/cgroup/cpu.max': '350000 100000\n' })).toBe(3);
    expect(cpus(64, { ...group, '/sys/fs/cgroup/cpu.max': 'max 100000\n' })).toBe(64);
  });

  it('obeys the smallest quota of all groups above', () => {
    const files = {
      '/proc/self/cgroup': '0::/system.slice/rutox.service\n',
      '/sys/fs/cgroup/system.slice/rutox.service/cpu.max': 'max 100000\n',
      '/sys/fs/cgroup/system.slice/cpu.max': '300000 100000\n',
    };
    expect(cpus(8, files)).toBe(3);
  });

  it('obeys the quota of control groups version 1', () => {
    const files = {
      '/proc/self/cgroup': '9:memory:/box\n4:cpu,cpuacct:/docker/abc\n',
      // Inside a container its own group is mounted at the root.
      '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '150000\n',
      '/sys/fs/cgroup/cpu/cpu.cfs_period_us': '50000\n',
    };
    expect(cpus(16, files)).toBe(3);
    expect(cpus(16, { ...files, '/sys/fs/cgroup/cpu/cpu.cfs_quota_us': '-1\n' })).toBe(16);
  });

  it('never falls below one and never exceeds the affinity mask', () => {
    const group = { '/proc/self/cgroup': '0::/\n' };
    expect(cpus(4, { ...group, '/sys/fs/cgroup/cpu.max': '50000 100000\n' })).toBe(1);
    expect(cpus(1, { ...group, '/sys/fs/cgroup/cpu.max': '800000 100000\n' })).toBe(1);
  });

  it('gives a sensible number on this machine', () => {
    expect(usableCpus()).toBeGreaterThanOrEqual(1);
  });
});

describe('spread', () => {
  it.each([
    [{ processes: 0, threads: 0 }, 1, { processes: 1, threads: 1 }],
    [{ processes: 0, threads: 0 }, 4, { processes: 4, threads: 1 }],
    [{ processes: 2, threads: 0 }, 8, { processes: 2, threads: 4 }],
    [{ processes: 3, threads: 0 }, 8, { processes: 3, threads: 2 }],
    [{ processes: 9, threads: 0 }, 8, { processes: 9, threads: 1 }],
    [{ processes: 0, threads: 4 }, 8, { processes: 2, threads: 4 }],
    [{ processes: 0, threads: 9 }, 8, { processes: 1, threads: 9 }],
    [{ processes: 3, threads: 5 }, 2, { processes: 3, threads: 5 }],
  ])('makes %j on %i CPUs to %j', (given, available, layout) => {
    expect(spread(given, available)).toEqual(layout);
  });
});
