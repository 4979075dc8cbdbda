import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSettingFile, SecretFile } from './setting-files.js';

let folder: string;
let path: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'setting-'));
  path = join(folder, 'hidden-name');
});
afterEach(() => {
  jest.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

describe('readSettingFile', () => {
  it('names the variable and the reason of a file that cannot be read, and not its path', () => {
    const messageOf = (value: string): string => {
      try {
        readSettingFile('SOME_FILE', value);
      } catch (error) {
        return (error as Error).message;
      }
      throw new Error('it was read');
    };
    const cannot = 'the file that SOME_FILE names cannot be read:';
    expect(messageOf(path)).toBe(`${cannot} it does not exist`);
    expect(messageOf(folder)).toBe(`${cannot} it is a directory`);
    expect(messageOf('hidden\0')).toBe(`${cannot} ERR_INVALID_ARG_VALUE`);
    writeFileSync(path, '');
    expect(messageOf(path)).toBe('the file that SOME_FILE names is empty');
  });
});

describe('SecretFile', () => {
  let now = 0;
  beforeEach(() => {
    now = 0;
    jest.spyOn(performance, 'now').mockImplementation(() => now);
  });

  it('has the content without the final newline, and keeps other white space', () => {
    writeFileSync(path, ' a b \r\n');
    expect(new SecretFile('SOME_FILE', path).value).toBe(' a b ');
  });

  it('rejects a file that holds nothing but a newline', () => {
    writeFileSync(path, '\n');
    expect(() => new SecretFile('SOME_FILE', path)).toThrow('SOME_FILE names is empty');
  });

  it('has the new secret a second after the file was replaced', () => {
    writeFileSync(path, 'old');
    const secret = new SecretFile('SOME_FILE', path);
    writeFileSync(`${path}.next`, 'new');
    renameSync(`${path}.next`, path);
    expect(secret.value).toBe('old');
    now = 1_000;
    expect(secret.value).toBe('new');
  });

  it('keeps the last secret while the file is gone or empty', () => {
    writeFileSync(path, 'old');
    const secret = new SecretFile('SOME_FILE', path);
    rmSync(path);
    now = 1_000;
    expect(secret.value).toBe('old');
    writeFileSync(path, '');
    now = 2_000;
    expect(secret.value).toBe('old');
    writeFileSync(path, 'newer');
    now = 3_000;
    expect(secret.value).toBe('newer');
  });
});
