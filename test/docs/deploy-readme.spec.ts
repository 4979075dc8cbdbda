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

/** The variables in the first column of the table below a heading. */
function variablesBelow(app: string): string[] {
  const section = text.split(`### ${app}\n`)[1]!.split('\n#')[0]!;
  const rows = section.split('\n').filter((line) => line.startsWith('| `'));
  return rows.flatMap((row) => [...row.split('|')[1]!.matchAll(/`([A-Z_]+)`/g)].map(([, name]) => name!));
}

describe('deploy/README.md', () => {
  it.each([
    ['command', CommandConfig],
    ['projector', ProjectorConfig],
    ['notification', NotificationConfig],
    ['api', ApiConfig],
  ])('names every variable of %s, and no unknown one', (app, config) => {
    expect(variablesBelow(app).toSorted()).toEqual(Object.keys(new config()).toSorted());
  });

  it('names the variables of all apps', () => {
    for (const name of ['LOG_LEVEL', ...Object.keys(new TracingConfig())])
      expect(text).toContain(`\`${name}\``);
  });

  it('names every topic and every worker', () => {
    for (const name of [...Object.values(TOPICS), ...WORKERS]) expect(text).toContain(`\`${name}\``);
  });
});
