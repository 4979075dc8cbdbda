import { execFile, spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join, resolve } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { TOPICS } from '#libs/contracts';
import { issueToken } from '../../../apps/standalone/src/identity/dev-issuer.js';
import { schemas } from '../../docs/contract/catalogue.js';
import { DOCS } from '../../docs/contract/files.js';
import { MemberAtApi } from '../../support/member.js';
import { minimalEnv } from '../../support/minimal-env.js';
import { PublishingService } from '../../support/publisher.js';
import { isInstalled } from '../../support/is-installed.js';
import { kafkaClasspath, whyNoKafka } from '../../support/servers/kafka/fetch.js';
import { endStandalone, newFolder, startStandalone, type Standalone } from '../../support/standalone.js';
import { until } from '../../support/until.js';

/** Generators and compilers take seconds, and on a busy machine minutes. */
const PATIENT_MS = 240_000;
jest.setTimeout(PATIENT_MS + 60_000);

const whyNoJava = isInstalled('javac', '-version') ? whyNoKafka() : 'javac is not on the PATH';
const hasGo = isInstalled('go', 'version');
if (whyNoJava !== undefined) console.warn(`Generated Java types are not compiled: ${whyNoJava}.`);
if (!hasGo) console.warn('Generated Go types are not compiled: go (apt: golang-go) is not on the PATH.');

/** A message on Kafka: the title of its schema, which is the name of the generated type, and its value. */
interface Recorded {
  readonly type: string;
  readonly value: string;
}

const titles = new Map(
  Object.entries(schemas()).map(([name, { title }]) => [name.split('/')[1]!, title as string]),
);
const run = promisify(execFile);

describe('types that Modelina generates from the AsyncAPI document', () => {
  const dir = newFolder();
  let folder: string;
  let standalone: Standalone;
  let service: PublishingService;
  /** Every message on the topics that others use. */
  const recorded: Recorded[] = [];

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'invitations-types-'));
    const generator = resolve(import.meta.dirname, 'generate.mjs');
    const contract = new URL('contract/asyncapi.json', DOCS).pathname;
    const [service_] = await Promise.all([
      startService(),
      run(process.execPath, [generator, contract, folder], { env: minimalEnv() }),
    ]);
    service = service_;
    await causeEveryMessage();
  }, PATIENT_MS);

  afterAll(async () => {
    await service?.stop();
    await endStandalone(dir);
    await rm(folder, { recursive: true, force: true });
  });

  async function startService(): Promise<PublishingService> {
    standalone = await startStandalone(dir, { REMINDERS: 'PT3S', RESTRICT_AFTER_DECLINES: '1' });
    const started = await new PublishingService(standalone.endpoints.kafka).start();
    const { commands, profiles, sent, accepted, replied, reminderDue } = TOPICS;
    const all = [commands, profiles, sent, accepted, replied, reminderDue, started.replyTo];
    await started.listen(all, ({ headers, value }, topic) => {
      const type = topic === profiles ? 'profile' : String(headers?.['ce_type']);
      const title = titles.get(type);
      // The commands that the service sends to itself are no part of the contract.
      if (title !== undefined) recorded.push({ type: title, value: String(value) });
    });
    return started;
  }

  /** Lets members use the API, which publishes their commands, and another service publish others. */
  async function causeEveryMessage(): Promise<void> {
    const inviter = await MemberAtApi.of(standalone, randomUUID());
    const send = async (recipientId: string): Promise<string> => {
      const response = await inviter.request('POST', '/v1/invitations', {
        recipientId,
        message: '“Salām” \\ & <b>',
      });
      return ((await response.json()) as { invitationId: string }).invitationId;
    };
    const act = async (member: MemberAtApi, action: string, invitationId: string) => {
      const body = action === 'reply' ? { message: 'Who are you?' } : {};
      const { status } = await member.request('POST', `/v1/invitations/${invitationId}/${action}`, body);
      expect([action, status]).toEqual([action, 200]);
    };
    const commands = Object.entries(schemas()).filter(([name]) => name.startsWith('commands/'));
    const actions = commands
      .filter(([, { properties }]) => properties!['invitationId'] !== undefined)
      .map(([name]) => name.split('.')[1]!);
    // A decline restricts the inviter, so it comes last.
    for (const action of [...actions.filter((action) => action !== 'decline'), 'decline']) {
      const recipient = await MemberAtApi.of(standalone, randomUUID());
      await service.members(inviter.id, recipient.id);
      await service.untilKnown(recipient.id);
      const invitationId = await send(recipient.id);
      if (action === 'withdraw') {
        await until(() => recorded.some(({ type }) => type === 'ReminderDue'), 60_000, 'a reminder');
        await act(inviter, action, invitationId);
        continue;
      }
      if (['decline', 'restore'].includes(action)) {
        await act(recipient, 'ignore', invitationId);
      }
      await act(recipient, action, invitationId);
    }
    const operator = await issueToken('olga', 'operator', dir);
    const lifted = await fetch(`${standalone.endpoints.api}/v1/accounts/${inviter.id}/lift-restriction`, {
      method: 'POST',
      headers: { authorization: `Bearer ${operator}`, 'content-type': 'application/json' },
      body: JSON.stringify({ reason: 'They talked.' }),
    });
    expect(lifted.status).toBe(200);
    // Whether it is accepted depends on whether operators' commands must be signed here.
    await service.ask('close-account', { accountId: randomUUID(), operatorId: 'olga' });
    const refused = await service.ask('send', { inviterId: inviter.id, recipientId: 'somebody-unknown' });
    expect(refused.code).toBe('RECIPIENT_UNAVAILABLE');
    expect((await service.ask('accept', { invitationId: `${inviter.id}.x`, actorId: '' })).code).toBe(
      'INVALID_COMMAND',
    );
    await until(
      () => [...titles.values()].every((title) => recorded.some(({ type }) => type === title)),
      60_000,
      () => `a message of every type: ${[...new Set(recorded.map(({ type }) => type))].join()}`,
    );
  }

  /** What a program prints for each recorded message. */
  async function decode(
    program: string,
    args: readonly string[],
    messages: readonly Recorded[],
  ): Promise<string[]> {
    const child = spawn(program, args, { cwd: folder, stdio: ['pipe', 'pipe', 'inherit'] });
    child.stdin.end(
      messages.map(({ type, value }) => `${type}\t${JSON.stringify(JSON.parse(value))}\n`).join(''),
    );
    return (await text(child.stdout)).trimEnd().split('\n');
  }

  /** Expects that decoding and encoding again loses and changes nothing. */
  async function expectRoundTrips(program: string, args: readonly string[]): Promise<void> {
    const valid = recorded.filter(({ value }) => value !== 'null' && !isInvalid(value));
    const printed = await decode(program, args, valid);
    const decoded = printed.map((line) => (line.startsWith('error') ? line : parse(line)));
    expect(decoded).toEqual(valid.map(({ value }) => parse(value)));
  }

  it('compile in TypeScript, which accepts every message as its type, and no other one', async () => {
    const valid = recorded.filter(({ value }) => !isInvalid(value));
    const constants = valid.map(({ type, value }, index) => `export const m${index}: ${type} = ${value};`);
    const names = [...new Set(valid.map(({ type }) => type))];
    const source = [`import type { ${names.join(', ')} } from './contract.js';`, ...constants];
    const check = async (lines: readonly string[]) => {
      await writeFile(join(folder, 'messages.ts'), lines.join('\n'));
      const tsc = resolve(import.meta.dirname, '../../../node_modules/typescript/bin/tsc');
      const flags = ['--noEmit', '--strict', '--target', 'es2023', '--module', 'nodenext', 'messages.ts'];
      return run(process.execPath, [tsc, ...flags], { cwd: folder }).then(
        () => '',
        ({ stdout }: { stdout: string }) => stdout,
      );
    };
    expect(await check(source)).toBe('');
    const outcome = "{ commandId: 'x', outcome: 'perhaps' }";
    expect(await check([...source, `export const wrong: CommandOutcome = ${outcome};`])).toMatch(
      new RegExp(`^messages\\.ts\\(${source.length + 1},.*"perhaps".*\n$`),
    );
  });

  // oxlint-disable-next-line jest/no-disabled-tests -- said above, where Java is missing
  (whyNoJava === undefined ? describe : describe.skip)('in Java', () => {
    let classpath: string;

    beforeAll(async () => {
      classpath = [folder, await kafkaClasspath()].join(delimiter);
      await copyFile(resolve(import.meta.dirname, 'Decode.java'), join(folder, 'Decode.java'));
      const sources = [...titles.values()].map((title) => `${title}.java`);
      await run('javac', ['-cp', classpath, '-sourcepath', '.', 'Decode.java', ...sources], { cwd: folder });
    }, PATIENT_MS);

    it('decode every message with Jackson, and encode it again unchanged', async () => {
      await expectRoundTrips('java', ['-cp', classpath, 'Decode']);
    });

    it('keep a field that was added later, and fail on an added code as the contract policy says', async () => {
      const [more, code] = await decode('java', ['-cp', classpath, 'Decode'], addedLater);
      expect(JSON.parse(more!)).toMatchObject({ commandId: 'x', added: 'later' });
      expect(code).toMatch(/^error: .*CONTACT_SUPPORT/);
    });
  });

  // oxlint-disable-next-line jest/no-disabled-tests -- said above, where Go is missing
  (hasGo ? describe : describe.skip)('in Go', () => {
    beforeAll(async () => {
      await copyFile(resolve(import.meta.dirname, 'decode.go'), join(folder, 'decode.go'));
      const entries = [...titles.values()].map((title) => `"${title}": ${title}{},`);
      await writeFile(
        join(folder, 'types.go'),
        `package main\n\nvar types = map[string]any{\n${entries.join('\n')}\n}\n`,
      );
      await writeFile(join(folder, 'go.mod'), 'module decode\n\ngo 1.18\n');
      await run('go', ['build', '-o', 'decode', '.'], { cwd: folder });
    }, PATIENT_MS);

    it('decode every message, and encode it again unchanged', async () => {
      await expectRoundTrips('./decode', []);
    });

    it('take an added code for the first one, as the contract policy says', async () => {
      const [more, code] = await decode('./decode', [], addedLater);
      expect(JSON.parse(more!)).toMatchObject({ commandId: 'x' });
      expect(JSON.parse(code!)).toMatchObject({ code: 'INVALID_COMMAND' });
    });
  });
});

/** Parses JSON, with all instants in one form: Jackson drops zeros at the end of a fraction. */
const parse = (json: string): unknown =>
  JSON.parse(json, (_key, value: unknown) =>
    typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)
      ? new Date(value).toISOString()
      : value,
  );

/** The command that is refused because it has no valid actor. */
const isInvalid = (value: string): boolean => value.includes('"actorId":""');

/** Outcomes of a later version of this service. */
const addedLater: readonly Recorded[] = [
  { type: 'CommandOutcome', value: '{"commandId":"x","outcome":"accepted","added":"later"}' },
  { type: 'CommandOutcome', value: '{"commandId":"x","outcome":"refused","code":"CONTACT_SUPPORT"}' },
];
