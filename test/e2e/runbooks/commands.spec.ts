import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { TOPICS } from '#libs/contracts';
import { listParked, type ParkedAccount } from '#libs/projection';
import { textOf } from '../../deploy/support/files.js';
import { Deployed } from '../../support/deployed.js';
import { until } from '../../support/until.js';
import { Cluster, kafkaCluster } from './support/cluster.js';
import { inBroker, inJob, inPod, type Answer } from './support/in-pod.js';
import { read, VERBS } from './support/kubectl.js';
import { OperatorShell, Programs } from './support/operator-shell.js';
import { FOLDER, runbook, RUNBOOKS } from './support/pages.js';

const IN_A_SENTENCE =
  /`(projections|dead-letters|mail-ledger|close-account|rewrap-keys|readiness|pause|resume) ([^`]+)`/g;

/**
 * Runs every command of the runbooks. `kubectl` is a fake that knows the production manifests. In place of a pod, it
 * runs the tool on servers of this machine.
 */
describe('the commands in the runbooks', () => {
  const cluster = new Cluster();
  let deployed: Deployed;
  let programs: Programs;
  let invitationId: string;

  beforeAll(async () => {
    deployed = await Deployed.start();
    programs = await Programs.install({ kubectl, psql });
    const { service } = deployed;
    await service.members('amal', 'bilal', 'chiara');
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

  /** @returns its id, or undefined if it was refused */
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
      return inPod(target, asked.command, cluster, deployed, stdin);
    }
    const [, job] = /^job\/(.+)$/.exec(asked.words[0] ?? '') ?? [];
    if (verb === 'logs' && job !== undefined) return inJob(job, cluster, deployed);
    // Commands that only render a manifest do not use the cluster.
    cluster.checkNamespace(String(namespace));
    return { code: 0, stdout: VERBS[verb]!(asked, cluster), stderr: '' };
  }

  async function psql([url, flag, statement]: readonly string[]): Promise<Answer> {
    if (url !== deployed.postgres || flag !== '-c') throw new Error('it is called in another way');
    const { rowCount } = await deployed.pool.query(statement!);
    return { code: 0, stdout: `${rowCount}\n`, stderr: '' };
  }

  /** Prepares the state before a block is typed. @returns shell variables that an operator would know by then */
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
    async 'close-an-account'(block) {
      if (block === 0) {
        await deployed.service.members('leaver');
        await deployed.service.untilKnown('leaver');
      }
      return 'MEMBER=leaver';
    },
    async 'erase-a-member'(block) {
      // It is closed in the pods of the command app, which have the secret.
      if (block === 1)
        await deployed.service.ask('close-account', { accountId: 'chiara', operatorId: 'olga' });
      return '';
    },
    async rebuild(block) {
      if (block > 0) return '';
      // Rows without the skipped event would differ correctly.
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
      PUBLISHED_SINCE: '2026-03-01T11:00:00.000',
    });

  it.each(RUNBOOKS)(
    'work in their order: %s',
    async (name) => {
      const { blocks, text } = runbook(name);
      // A block of another kind would not be tested.
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
    // Each command that hangs fails by itself, see OperatorShell.
    600_000,
  );

  it('work when they are quoted in a sentence', async () => {
    const operator = shell();
    const typed = new Set<string>();
    for (const name of [...RUNBOOKS, 'README']) {
      for (const [, tool, rest] of textOf(`${FOLDER}/${name}.md`).matchAll(IN_A_SENTENCE)) {
        // Its subcommand must exist; its arguments are not known here.
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

  it('exist as npm scripts of the standalone service, as the table says', async () => {
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

  it('resume everything that they pause', () => {
    expect(cluster.pausedWorkloads).toEqual([]);
  });
});
