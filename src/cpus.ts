import { readFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { posix } from 'node:path';

export interface CpuSources {
  /** CPUs that the affinity mask allows. */
  readonly parallelism: () => number;
  /** Text of a file, or undefined where there is none (another system, no permission). */
  readonly read: (path: string) => string | undefined;
}

const MOUNT = '/sys/fs/cgroup';

/**
 * CPUs this process may really use: the affinity mask, cut by the CPU quota of its control group
 * (version 1 or 2). A container on a 64-core host with a quota of 2 gets 2. A part of a CPU is dropped,
 * for a thread more than the quota is throttled in every period; at least 1.
 */
export function usableCpus(sources: CpuSources = systemSources): number {
  const quota = quotaCpus(sources) ?? Infinity;
  return Math.max(1, Math.floor(Math.min(sources.parallelism(), quota)));
}

/** Server processes, and inference threads in each of them. */
export interface Layout {
  readonly processes: number;
  readonly threads: number;
}

/**
 * Fills in what is not given (0) so that there is one inference thread for each usable CPU: as many processes
 * as CPUs with one thread each, for the work around a single comment is more than the work in it
 * (load-tests/RESULTS.md). If one of the two is given, the other follows from it.
 */
export function spread({ processes, threads }: Layout, cpus: number = usableCpus()): Layout {
  const share = (given: number) => Math.max(1, Math.floor(cpus / given));
  if (processes === 0) return { processes: share(threads || 1), threads: threads || 1 };
  return { processes, threads: threads || share(processes) };
}

function quotaCpus({ read }: CpuSources): number | undefined {
  const quotas: number[] = [];
  for (const line of (read('/proc/self/cgroup') ?? '').split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/.exec(line) ?? [];
    if (controllers === undefined || path === undefined) continue;
    if (controllers === '') {
      quotas.push(...ancestors(path).map((folder) => quotaV2(read(`${MOUNT}${folder}/cpu.max`))));
    } else if (controllers.split(',').includes('cpu')) {
      for (const folder of ancestors(path)) {
        const base = `${MOUNT}/cpu${folder}/cpu.cfs_`;
        quotas.push(quotaV1(read(`${base}quota_us`), read(`${base}period_us`)));
      }
    }
  }
  const set = quotas.filter((quota) => quota > 0);
  return set.length === 0 ? undefined : Math.min(...set);
}

/** A group is bound by the quotas of all groups above it, too. Inside a container the root is the container's own. */
function ancestors(path: string): string[] {
  const folders = [''];
  for (let folder = posix.normalize(path); folder !== '/'; folder = posix.dirname(folder))
    folders.push(folder);
  return folders;
}

/** `cpu.max` is "<quota> <period>", or "max <period>" without a limit: NaN. */
function quotaV2(text: string | undefined): number {
  const [quota, period] = (text ?? '').trim().split(/\s+/);
  return Number(quota) / Number(period);
}

/** The quota is -1 without a limit: a negative ratio. */
function quotaV1(quota: string | undefined, period: string | undefined): number {
  return Number(quota ?? NaN) / Number(period ?? NaN);
}

const systemSources: CpuSources = {
  parallelism: availableParallelism,
  read(path) {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return undefined;
    }
  },
};
