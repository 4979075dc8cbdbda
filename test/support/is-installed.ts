import { spawnSync } from 'node:child_process';

/** @returns whether a program runs to a successful end with these arguments */
export const isInstalled = (program: string, ...args: string[]): boolean =>
  spawnSync(program, args).status === 0;
