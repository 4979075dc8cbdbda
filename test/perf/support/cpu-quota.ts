import { access, mkdir, readFile, rmdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Short, so that a process that has used its share waits for milliseconds only. */
const PERIOD_MICROS = 20_000;

/** A control group of Linux with one process and its threads. */
export interface CpuQuota {
  /** Sets the share of one core that the process may use. */
  limit(cores: number): Promise<void>;
  unlimit(): Promise<void>;
  /** Removes the group. The process must have ended. */
  remove(): Promise<void>;
}

interface Hierarchy {
  readonly dir: string;
  /** The content of each file that sets a quota, or none for `undefined`. */
  readonly files: (cores: number | undefined) => Readonly<Record<string, string>>;
}

const VERSION_2 = (root: string): Hierarchy => ({
  dir: root,
  files: (cores) => ({
    'cpu.max': `${cores === undefined ? 'max' : Math.round(cores * PERIOD_MICROS)} ${PERIOD_MICROS}`,
  }),
});

const VERSION_1 = (root: string): Hierarchy => ({
  dir: join(root, 'cpu'),
  files: (cores) => ({
    'cpu.cfs_period_us': String(PERIOD_MICROS),
    'cpu.cfs_quota_us': String(cores === undefined ? -1 : Math.round(cores * PERIOD_MICROS)),
  }),
});

/** Gives processes CPU quotas by control groups, version 2 or 1. */
export class CpuQuotas {
  private made = 0;

  private constructor(private readonly hierarchy: Hierarchy) {}

  /**
   * @param root where control groups are mounted
   * @throws Error that says why this machine has none for us
   */
  static async open(root = '/sys/fs/cgroup'): Promise<CpuQuotas> {
    const quotas = new CpuQuotas((await isVersion2(root)) ? VERSION_2(root) : VERSION_1(root));
    try {
      await access(quotas.hierarchy.dir);
      const probe = await quotas.create();
      await probe.unlimit();
      await probe.remove();
    } catch (error) {
      throw new Error(
        `A CPU quota for each replica needs root, Linux, and control groups with the cpu controller in ${root}: ` +
          (error as Error).message,
        { cause: error },
      );
    }
    return quotas;
  }

  /** Puts a process into a group of its own, without a limit yet. */
  async quotaOf(pid: number): Promise<CpuQuota> {
    return this.create(pid);
  }

  private async create(pid?: number): Promise<CpuQuota> {
    this.made += 1;
    const group = join(this.hierarchy.dir, `invitations-bench-${process.pid}-${this.made}`);
    await mkdir(group);
    const write = async (cores?: number) => {
      for (const [file, text] of Object.entries(this.hierarchy.files(cores))) {
        await writeFile(join(group, file), text, { flag: 'r+' });
      }
    };
    if (pid !== undefined) await writeFile(join(group, 'cgroup.procs'), String(pid));
    return { limit: write, unlimit: () => write(), remove: () => rmdir(group) };
  }
}

/** Version 2 lists the controllers that its children may have. A machine with both versions has the cpu controller in one. */
async function isVersion2(root: string): Promise<boolean> {
  const controllers = await readFile(join(root, 'cgroup.subtree_control'), 'utf8').catch(() => '');
  return controllers.split(/\s+/).includes('cpu');
}
