import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { TOPICS } from '#libs/contracts';
import { TracingConfig } from '#libs/platform';
import { ApiConfig } from '../../apps/api/src/config/api.config.js';
import { CommandConfig } from '../../apps/command/src/config.js';
import { NotificationConfig } from '../../apps/notification/src/config.js';
import { ProjectorConfig } from '../../apps/projector/src/config.js';
import { WORKERS } from '../../apps/projector/src/workers.js';

const text = readFileSync(new URL('../../deploy/README.md', import.meta.url), 'utf8');

const secureConnections = readFileSync(new URL('../../docs/secure-connections.md', import.meta.url), 'utf8');

/** The variables in the first column of tables. */
function variablesIn(section: string): string[] {
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) => [...row.split('|')[1]!.matchAll(/`([A-Z_]{4,})`/g)].map(([, name]) => name!));
}

const variablesBelow = (app: string) => variablesIn(text.split(`### ${app}\n`)[1]!.split('\n#')[0]!);

describe('deploy/README.md', () => {
  it.each([
    ['command', CommandConfig],
    ['projector', ProjectorConfig],
    ['notification', NotificationConfig],
    ['api', ApiConfig],
  ])('names every variable of %s, and no unknown one', (app, config) => {
    const secure = variablesIn(secureConnections);
    const others = Object.keys(new config()).filter((name) => !secure.includes(name));
    expect(variablesBelow(app).toSorted()).toEqual(others.toSorted());
  });

  it('leaves to docs/secure-connections.md only variables that exist', () => {
    const configs = [CommandConfig, ProjectorConfig, NotificationConfig, ApiConfig];
    const known = new Set([...configs, TracingConfig].flatMap((config) => Object.keys(new config())));
    expect(variablesIn(secureConnections).filter((name) => !known.has(name))).toEqual([]);
  });

  it('names the variables of all apps', () => {
    for (const name of ['LOG_LEVEL', ...Object.keys(new TracingConfig())])
      expect(text).toContain(`\`${name}\``);
  });

  it('names every topic and every worker', () => {
    for (const name of [...Object.values(TOPICS), ...WORKERS]) expect(text).toContain(`\`${name}\``);
  });
});
