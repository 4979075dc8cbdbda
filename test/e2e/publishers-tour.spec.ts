import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { CloudEvent, Kafka as KafkaBinding } from 'cloudevents';
import type { IHeaders } from 'kafkajs';
import { TOPICS } from '#libs/contracts';
import { isInstalled } from '../support/is-installed.js';
import { minimalEnv } from '../support/minimal-env.js';
import { profile, PublishingService, type Outcome } from '../support/publisher.js';
import { kafkaClasspath, whyNoKafka } from '../support/servers/kafka/fetch.js';
import { sharedStandalone, type SharedStandalone } from '../support/standalone.js';
import { until } from '../support/until.js';

/** A compiler and a client start within seconds, and on a busy machine within minutes. */
const PATIENT_MS = 240_000;
jest.setTimeout(PATIENT_MS + 60_000);

const EXAMPLES = resolve(import.meta.dirname, '../../examples');
const SEND = 'invitations.send.v1';

const hasKcat = isInstalled('kcat', '-V');
const python = ['python3', '/usr/bin/python3'].find((path) =>
  isInstalled(path, '-c', 'import confluent_kafka'),
);
const whyNoJava = isInstalled('javac', '-version') ? whyNoKafka() : 'javac is not on the PATH';
if (!hasKcat) console.warn('The tour with kcat is skipped: kcat is not on the PATH.');
if (python === undefined)
  console.warn(
    'The example in Python is skipped: confluent-kafka (apt: python3-confluent-kafka) is missing.',
  );
if (whyNoJava !== undefined) console.warn(`The example in Java is skipped: ${whyNoJava}.`);

/** Go packages of the example, by their import paths, and where Debian has their sources. */
const GO_SOURCES = '/usr/share/gocode/src/github.com';
const GO_PACKAGES = {
  'github.com/confluentinc/confluent-kafka-go/v2': join(GO_SOURCES, 'confluentinc/confluent-kafka-go'),
  'github.com/google/uuid': join(GO_SOURCES, 'google/uuid'),
} as const;
const whyNoGo = isInstalled('go', 'version')
  ? Object.values(GO_PACKAGES).find((path) => !existsSync(path))
  : 'go';
if (whyNoGo !== undefined)
  console.warn(`The example in Go is skipped: ${whyNoGo} is missing (.ci/install-tools installs it).`);

describe('a publisher without this code', () => {
  let standalone: SharedStandalone;
  let service: PublishingService;
  const [inviter, recipient] = [`tour-${randomUUID()}`, `tour-${randomUUID()}`];
  const data = JSON.stringify({ inviterId: inviter, recipientId: recipient });

  beforeAll(async () => {
    standalone = await sharedStandalone();
    service = await new PublishingService(standalone.endpoints.kafka).start();
  });

  afterAll(async () => {
    await service?.stop();
    await standalone?.stop();
  });

  /** @throws when the program fails */
  async function run(program: string, args: readonly string[], input = ''): Promise<string> {
    const env = { ...minimalEnv(), KAFKA_BROKERS: standalone.endpoints.kafka };
    const child = spawn(program, args, { env, timeout: PATIENT_MS });
    child.stdin.end(input);
    const [output, errors, [status]] = await Promise.all([
      text(child.stdout),
      text(child.stderr),
      once(child, 'exit'),
    ]);
    if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${status}\n${output}${errors}`);
    return output;
  }

  const kcat = (topic: string, key: string, value: string, headers: readonly string[] = []) =>
    run(
      'kcat',
      [
        '-P',
        '-b',
        standalone.endpoints.kafka,
        '-t',
        topic,
        '-K',
        '|',
        '-X',
        'partitioner=murmur2_random',
      ].concat(headers.flatMap((header) => ['-H', header])),
      `${key}|${value}\n`,
    );

  /** Waits for an outcome with this id, letter by letter. */
  async function outcomeOf(isMine: (id: string) => boolean): Promise<Outcome> {
    const mine = () => service.answers.find(({ key }) => isMine(key));
    await until(() => mine() !== undefined, PATIENT_MS, 'an outcome');
    expect(mine()!.outcome.commandId).toBe(mine()!.key);
    return mine()!.outcome;
  }

  // oxlint-disable-next-line jest/no-disabled-tests -- said above, where kcat is missing
  (hasKcat ? describe : describe.skip)('with kcat', () => {
    it('adds two members, and sends an invitation in structured mode', async () => {
      for (const id of [inviter, recipient]) await kcat(TOPICS.profiles, id, JSON.stringify(profile(id)));
      const codes: (string | undefined)[] = [];
      await until(
        async () => {
          // Until the profiles have arrived the recipient is unavailable, and each attempt is a command of its own.
          const id = randomUUID().toUpperCase();
          const event = {
            specversion: '1.0',
            id,
            type: SEND,
            source: '/tour',
            data: JSON.parse(data) as object,
          };
          await kcat(TOPICS.commands, inviter, JSON.stringify(event), [
            'content-type=application/cloudevents+json',
            `reply-to=${service.replyTo}`,
          ]);
          codes.push((await outcomeOf((key) => key === id)).code);
          return codes.at(-1) === undefined;
        },
        PATIENT_MS,
        () => `an accepted invitation: ${codes.join()}`,
      );
    });

    const type = `ce_type=${SEND}`;
    const ULID = '01ARZ3NDEKTSV4RRFFQ69G5FAV';
    const uuid = randomUUID();

    it.each<[string, readonly string[], string | RegExp, string]>([
      ['an order number', [type, 'ce_id=order-17'], 'order-17', 'header ce_id must be a UUID'],
      ['a ULID', [type, `ce_id=${ULID}`], ULID, 'header ce_id must be a UUID'],
      ['a UUID in braces', [type, `ce_id={${uuid}}`], `{${uuid}}`, 'header ce_id must be a UUID'],
      [
        'CE_ID',
        [type, `CE_ID=${uuid}`],
        uuid,
        'header ce_id is missing: another header has its name in other letters',
      ],
      ['two ids', [type, 'ce_id=first', 'ce_id=second'], 'first', 'header ce_id is given more than once'],
      ['no id', [type], /^invitations\.commands\/\d@\d+$/, 'header ce_id must be a UUID'],
      [
        'another content type',
        [type, 'ce_id=order-18', 'content-type=text/plain'],
        'order-18',
        'header content-type must be application/json or application/cloudevents+json',
      ],
    ])('gets an outcome for %s', async (_what, headers, id, reason) => {
      await kcat(TOPICS.commands, inviter, data, [...headers, `reply-to=${service.replyTo}`]);
      const outcome = await outcomeOf((key) => (typeof id === 'string' ? key === id : id.test(key)));
      expect(outcome).toMatchObject({ outcome: 'refused', code: 'INVALID_COMMAND', reason });
    });
  });

  describe.each(['binary', 'structured'] as const)('with the CloudEvents SDK in %s mode', (mode) => {
    /** Publishes what the SDK makes of a command. Returns its outcome. */
    async function ask(id: string, command: object): Promise<Outcome> {
      const event = new CloudEvent({ id, type: SEND, source: '/tour', data: command });
      const { headers, body } = KafkaBinding[mode](event);
      const value = typeof body === 'string' ? body : JSON.stringify(body);
      // The SDK also names the attributes that the event does not have, which kafkajs does not take.
      const given = Object.entries(headers as IHeaders).filter(([, text]) => text !== undefined);
      const all = { ...Object.fromEntries(given), 'reply-to': service.replyTo };
      const outcomes = () => service.answers.filter(({ key }) => key === id);
      const before = outcomes().length;
      await service.publish(TOPICS.commands, [{ key: inviter, value, headers: all }]);
      await until(() => outcomes().length > before, PATIENT_MS, 'an outcome');
      return outcomes().at(-1)!.outcome;
    }

    it('gets an outcome for a command, for the same again, and for one that is invalid', async () => {
      const recipientId = `tour-${randomUUID()}`;
      await service.members(inviter, recipientId);
      await service.untilKnown(recipientId);
      const id = randomUUID();
      const command = { inviterId: inviter, recipientId };
      const accepted = { commandId: id, outcome: 'accepted' };
      expect(await ask(id, command)).toEqual(accepted);
      expect(await ask(id, command)).toEqual(accepted);
      const invalid = `order-${mode}`;
      expect(await ask(invalid, command)).toMatchObject({ commandId: invalid, code: 'INVALID_COMMAND' });
    });
  });

  /** Publishes by an example: a command, the same again, and an invalid one. All have the key of one inviter. */
  async function expectOutcomes(publish: (...args: string[]) => Promise<string>): Promise<void> {
    const members = [`tour-${randomUUID()}`, `tour-${randomUUID()}`];
    await service.members(...members);
    const [inviterId, recipientId] = members as [string, string];
    const valid = JSON.stringify({ inviterId, recipientId });
    let printed = '';
    let id = '';
    await until(
      async () => {
        id = randomUUID();
        printed = await publish(SEND, inviterId, valid, id);
        return printed.includes('accepted');
      },
      PATIENT_MS,
      () => printed,
    );
    expect(JSON.parse(printed)).toEqual({ commandId: id, outcome: 'accepted' });
    expect(await publish(SEND, inviterId, valid, id)).toBe(printed);
    expect(JSON.parse(await publish(SEND, inviterId, '{}', 'order-19'))).toMatchObject({
      commandId: 'order-19',
      code: 'INVALID_COMMAND',
    });
    await expectOnePartition(inviterId);
  }

  /** Expects that the example and kafkajs choose the same partition. */
  async function expectOnePartition(key: string): Promise<void> {
    const partitions = new Set<number>();
    const marker = service.command('withdraw', { invitationId: `${key}.${randomUUID()}`, actorId: key });
    let isRead = false;
    await service.listen([TOPICS.commands], (message, _topic, partition) => {
      if (String(message.key) !== key) return;
      partitions.add(partition);
      isRead ||= String(message.headers?.['ce_id']) === String(marker.headers!['ce_id']);
    });
    await service.publish(TOPICS.commands, [marker]);
    await until(() => isRead, PATIENT_MS, 'the last command');
    expect(partitions.size).toBe(1);
  }

  // oxlint-disable-next-line jest/no-disabled-tests -- said above, where Python lacks its client
  (python === undefined ? it.skip : it)('publishes by examples/publish.py', async () => {
    await expectOutcomes((...args) => run(python!, [resolve(EXAMPLES, 'publish.py'), ...args]));
  });

  // oxlint-disable-next-line jest/no-disabled-tests -- said above, where Java is missing
  (whyNoJava === undefined ? it : it.skip)('publishes by examples/Publish.java', async () => {
    const classpath = await kafkaClasspath();
    const source = resolve(EXAMPLES, 'Publish.java');
    await expectOutcomes((...args) => run('java', ['-cp', classpath, source, ...args]));
  });

  // oxlint-disable-next-line jest/no-disabled-tests -- said above, where Go is missing
  (whyNoGo === undefined ? it : it.skip)('publishes by examples/publish.go', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'invitations-go-'));
    try {
      // Not modules: these would be fetched. Debian's client is older than its present import path.
      for (const [path, source] of Object.entries(GO_PACKAGES)) {
        mkdirSync(dirname(join(folder, 'src', path)), { recursive: true });
        symlinkSync(source, join(folder, 'src', path));
      }
      const [program, cache] = [join(folder, 'publish'), join(tmpdir(), 'invitations-go-cache')];
      const env = ['GO111MODULE=off', `GOPATH=${folder}`, `GOCACHE=${cache}`];
      await run('env', [...env, 'go', 'build', '-o', program, resolve(EXAMPLES, 'publish.go')]);
      await expectOutcomes((...args) => run(program, args));
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
