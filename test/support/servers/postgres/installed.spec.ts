import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { installedPostgres } from './installed.js';

const versions = mkdtempSync(join(tmpdir(), 'postgres-versions-'));
afterAll(() => rmSync(versions, { recursive: true }));

function install(version: string, ...programs: string[]): void {
  mkdirSync(join(versions, version, 'bin'), { recursive: true });
  for (const program of programs) writeFileSync(join(versions, version, 'bin', program), '');
}

describe('installedPostgres', () => {
  it('finds none where nothing is installed', () => {
    expect(installedPostgres({}, join(versions, 'none'))).toBeUndefined();
  });

  it('finds the newest version with a server, not older than 15', () => {
    install('9', 'initdb');
    install('14', 'initdb');
    install('18', 'psql');
    expect(installedPostgres({}, versions)).toBeUndefined();
    install('15', 'initdb');
    install('17', 'initdb');
    expect(installedPostgres({}, versions)).toBe(join(versions, '17'));
  });

  it('finds the one that POSTGRES_HOME names', () => {
    expect(installedPostgres({ POSTGRES_HOME: '/opt/postgres' }, versions)).toBe('/opt/postgres');
  });
});
