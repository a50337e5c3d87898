import { readdirSync, readFileSync } from 'node:fs';

export interface Usage {
  readonly cpuSeconds: number;
  readonly voluntarySwitches: number;
  /** The kernel took the CPU away: more threads wanted to run than there are CPUs. */
  readonly involuntarySwitches: number;
  /** Resident memory of each process, in MB (10^6 bytes). */
  readonly residentMb: readonly number[];
}

/** Ticks of /proc/PID/stat; 100 on every Linux platform that Node runs on. */
const TICKS_PER_SECOND = 100;

/** What a process and its descendants have used so far; undefined on systems without Linux' /proc. */
export function usageOf(pid: number): Usage | undefined {
  const processes = descendants(pid)
    .map(usageOfOne)
    .filter((usage) => usage !== undefined);
  if (processes.length === 0) return undefined;
  const sum = (key: 'cpuSeconds' | 'voluntarySwitches' | 'involuntarySwitches') =>
    processes.reduce((total, usage) => total + usage[key], 0);
  return {
    cpuSeconds: sum('cpuSeconds'),
    voluntarySwitches: sum('voluntarySwitches'),
    involuntarySwitches: sum('involuntarySwitches'),
    residentMb: processes.flatMap(({ residentMb }) => residentMb),
  };
}

/** The process and all below it; on systems without /proc only itself. */
function descendants(pid: number): number[] {
  const children = threadsOf(pid).flatMap((thread) =>
    (read(`/proc/${pid}/task/${thread}/children`) ?? '').split(' ').filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(descendants)];
}

function usageOfOne(pid: number): Usage | undefined {
  const stat = read(`/proc/${pid}/stat`);
  if (stat === undefined) return undefined;
  // After the name, which may hold blanks and brackets: the state is field 3, user and system time 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const statuses = threadsOf(pid).map((thread) => read(`/proc/${pid}/task/${thread}/status`) ?? '');
  const sum = (name: string) => statuses.reduce((total, status) => total + field(status, name), 0);
  return {
    cpuSeconds: (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND,
    voluntarySwitches: sum('voluntary_ctxt_switches'),
    involuntarySwitches: sum('nonvoluntary_ctxt_switches'),
    residentMb: [(field(read(`/proc/${pid}/status`) ?? '', 'VmRSS') * 1024) / 1e6],
  };
}

function threadsOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return [];
  }
}

function field(status: string, name: string): number {
  return Number(new RegExp(`^${name}:\\s*(\\d+)`, 'm').exec(status)?.[1] ?? 0);
}

/** Undefined when the process has ended meanwhile, too. */
function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
