import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CpuQuotas } from './cpu-quota.js';

let root: string;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'cgroup-'));
});
afterEach(() => rm(root, { recursive: true }));

describe('CpuQuotas', () => {
  it('says why where there are no control groups', async () => {
    await expect(CpuQuotas.open(root)).rejects.toThrow(/needs root, Linux, and control groups .*ENOENT/);
  });

  it('says so where a group has no cpu controller', async () => {
    await mkdir(join(root, 'cpu'));
    await expect(CpuQuotas.open(root)).rejects.toThrow(/needs root.*cpu\.cfs_period_us/);
  });
});
