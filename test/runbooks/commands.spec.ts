import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOPICS } from '#libs/contracts';
import { listParked, type ParkedAccount } from '#libs/projection';
import { textOf } from '../deploy/support/files.js';
import { Deployed } from '../support/deployed.js';
import { until } from '../support/until.js';
import { Cluster, kafkaCluster } from './support/cluster.js';
import { inBroker, inJob, inPod, type Answer } from './support/in-pod.js';
import { read, VERBS } from './support/kubectl.js';
import { OperatorShell, Programs } from './support/operator-shell.js';
import { FOLDER, runbook, RUNBOOKS } from './support/pages.js';

const IN_A_SENTENCE = /`(projections|dead-letters|mail-ledger|readiness|pause|resume) ([^`]+)`/g;

/**
 * Everything that runbooks have one type is typed. `kubectl` is a stand-in that knows production's manifests, and in
 * place of a pod it runs the tool itself, on servers of this machine.
 */
describe('the commands of a runbook', () => {
  const cluster = new Cluster();
  let deployed: Deployed;
  let programs: Programs;
  let invitationId: string;

  beforeAll(async () => {
    deployed = await Deployed.start();
    programs = await Programs.install({ kubectl, psql });
    const { service } = deployed;
    await service.members('amal', 'bilal');
    await until(
      async () => {
        invitationId = await invite();
        return invitationId !== '';
      },
      30_000,
      'the members directory',
    );
    await service.publish(TOPICS.commands, [{ key: 'amal', value: 'no command' }]);
    await service.publish(TOPICS.sent, [{ key: 'amal', value: 'no event' }]);
    await until(async () => deployed.smtp.mails.length > 0, 30_000, 'the e-mail');
  }, 300_000);
  afterAll(async () => {
    await programs?.remove();
    await deployed?.stop();
  });

  /** @returns its id; none where it was refused */
  async function invite(): Promise<string> {
    const id = randomUUID();
    const asked = { inviterId: 'amal', recipientId: 'bilal' };
    const { outcome } = await deployed.service.ask('send', asked, id);
    return outcome === 'accepted' ? `amal.${id}` : '';
  }

  async function kubectl(args: readonly string[], stdin: string): Promise<Answer> {
    const { verb, ...asked } = read(args, stdin);
    const namespace = asked.values['namespace'];
    if (verb === 'exec') {
      const [target] = asked.words as [string];
      if (namespace === kafkaCluster().namespace) return inBroker(target, asked.command, cluster);
      cluster.checkNamespace(String(namespace));
      return inPod(target, asked.command, cluster, deployed);
    }
    const [, job] = /^job\/(.+)$/.exec(asked.words[0] ?? '') ?? [];
    if (verb === 'logs' && job !== undefined) return inJob(job, cluster, deployed);
    // What only makes a manifest asks no cluster.
    cluster.checkNamespace(String(namespace));
    return { code: 0, stdout: VERBS[verb]!(asked, cluster), stderr: '' };
  }

  async function psql([url, flag, statement]: readonly string[]): Promise<Answer> {
    if (url !== deployed.postgres || flag !== '-c') throw new Error('it is called in another way');
    const { rowCount } = await deployed.pool.query(statement!);
    return { code: 0, stdout: `${rowCount}\n`, stderr: '' };
  }

  /** What is the case before a block is typed. @returns what one knows by then, as the shell has it */
  const BEFORE: Readonly<Record<string, (block: number) => Promise<string>>> = {
    async 'parked-account'(block) {
      const afterTheFix = 1;
      if (block === afterTheFix) {
        await deployed.pool.query('ALTER TABLE read_models.inbox_g1 DROP CONSTRAINT mistaken');
        return '';
      }
      await deployed.pool.query(
        `ALTER TABLE read_models.inbox_g1 ADD CONSTRAINT mistaken CHECK (inviter_id <> 'amal') NOT VALID`,
      );
      await invite();
      await until(
        async () => (await listParked(deployed.pool, 'inbox')).length > 0,
        30_000,
        'the parked account',
      );
      const [{ first }] = (await listParked(deployed.pool, 'inbox')) as [ParkedAccount];
      return `EVENT=${first.id}`;
    },
    async rebuild(block) {
      if (block > 0) return '';
      // Rows without the event that was skipped would rightly differ.
      await deployed.pool.query('ALTER TABLE read_models.inbox_g1 DROP CONSTRAINT IF EXISTS mistaken');
      return 'projections reset inbox';
    },
  };

  const shell = () =>
    new OperatorShell(programs, {
      DATABASE_URL: deployed.postgres,
      EVENTSTORE_URL: deployed.eventStore,
      KAFKA_BROKERS: deployed.brokers,
      INVITATION: invitationId,
      SINCE: '2026-03-01T12:00:00.000',
    });

  it.each(RUNBOOKS)(
    'do what they say: %s',
    async (name) => {
      const { blocks, text } = runbook(name);
      // What stands in a block of another kind would not be typed.
      expect([blocks.length > 0, text.match(/^ *```/gm)!.length]).toEqual([true, 2 * blocks.length]);
      const operator = shell();
      try {
        for (const [n, block] of blocks.entries()) {
          const given = (await BEFORE[name]?.(n)) ?? '';
          await operator.type(`${given}\n${block}`);
        }
      } finally {
        operator.close();
      }
    },
    120_000,
  );

  it('are such, too, where they stand in a sentence', async () => {
    const operator = shell();
    const typed = new Set<string>();
    for (const name of [...RUNBOOKS, 'README']) {
      for (const [, tool, rest] of textOf(`${FOLDER}/${name}.md`).matchAll(IN_A_SENTENCE)) {
        // Its subcommand must be there; what is in its place is not known here.
        typed.add(
          ['readiness', 'pause', 'resume'].includes(tool!)
            ? `${tool} ${rest}`
            : `${tool} ${rest!.split(' ')[0]} --help`,
        );
      }
    }
    try {
      for (const one of typed) await operator.type(one);
      await operator.type('resume command');
    } finally {
      operator.close();
    }
    expect([...typed]).toEqual(expect.arrayContaining(['mail-ledger resend --help', 'pause command']));
  });

  it('are on the standalone service the npm scripts that the table names', async () => {
    const scripts = [...textOf(`${FOLDER}/README.md`).matchAll(/`npm run ([\w:-]+) --`/g)].map(
      ([, name]) => name,
    );
    const questions: Record<string, string> = {
      projections: 'status',
      'dead-letters': 'list',
      'mail:ledger': 'summary',
    };
    expect(scripts).toEqual(Object.keys(questions));
    const operator = shell();
    try {
      for (const script of scripts)
        await operator.type(`npm run --silent ${script} -- ${questions[script!]}`);
    } finally {
      operator.close();
    }
  });

  it('that pause something are followed by those that go on', () => {
    expect(cluster.pausedWorkloads).toEqual([]);
  });
});
