import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { TOPICS } from '../../libs/contracts/src/index.js';
import type { Incoming } from '../../libs/kafka/src/index.js';
import {
  account,
  app,
  happen,
  inLedgerWorld,
  inShort,
  ledger,
  ROOT,
  settled,
  shown,
  stub,
  tool,
} from './ledger-world.js';
import { event, message } from './messages.js';
import { until } from './notification-under-test.js';

inLedgerWorld();

describe('npm run mail:ledger, by hand', () => {
  /** An e-mail of which nobody can tell whether it was taken. */
  async function inDoubt() {
    stub.script.end = 'drop';
    const id = await happen(await account(), ['InvitationSent']);
    stub.script.end = '250 ok';
    return { id, eventId: (await shown(id)).entries[0]!.eventId };
  }

  it('sums up, and names what is of unknown outcome', async () => {
    const { eventId } = await inDoubt();
    const { out } = await tool('summary');
    expect(out).toMatch(/^invitation +unknown +CONNECTION_LOST +1$/m);
    expect(out).toContain(`  ${eventId} invitation to bilal, since `);
    expect(JSON.parse((await tool('summary', '--json')).out)).toMatchObject({
      counts: [{ kind: 'invitation', state: 'unknown', count: 1 }],
      oldestQueued: null,
      unknown: [{ eventId }],
    });
  });

  it('sends what is of unknown outcome again, under its Message-ID, and nothing else', async () => {
    const { id, eventId } = await inDoubt();
    expect(await tool('resend', eventId, 'invitation')).toMatchObject({ code: 0 });
    await settled();
    expect(inShort(await shown(id))).toEqual([['InvitationSent', 'invitation', 'sent']]);
    const ids = stub.mails.map((mail) => /^Message-ID:\s+(\S+)/m.exec(mail)![1]);
    expect(ids).toEqual([`<${id}.invitation@network.example>`, `<${id}.invitation@network.example>`]);
    expect(await tool('resend', eventId, 'invitation')).toEqual({
      code: 1,
      out: '',
      err: 'mail:ledger: it is sent: only what is of unknown outcome is sent again\n',
    });
    expect((await tool('resend', randomUUID(), 'reply')).err).toContain('has no reply e-mail of event');
  });

  it('suppresses an address, and lifts that', async () => {
    expect((await tool('bounce', 'bilal')).code).toBe(0);
    const id = await happen(await account(), ['InvitationSent']);
    expect(inShort(await shown(id))).toEqual([
      ['InvitationSent', 'invitation', 'suppressed', 'ADDRESS_BOUNCED', '-'],
    ]);
    expect((await tool('unbounce', 'bilal@EXAMPLE.com')).code).toBe(0);
    expect(await tool('unbounce', 'bilal')).toMatchObject({
      code: 1,
      err: 'mail:ledger: this address is not suppressed\n',
    });
    expect((await tool('bounce', 'nobody')).err).toContain('has told of no member nobody');
    const other = await happen(await account(), ['InvitationSent']);
    expect(inShort(await shown(other))).toEqual([['InvitationSent', 'invitation', 'sent']]);
  });
});

describe('npm run mail:ledger dead-letters', () => {
  /** As it was set aside by a version that could not read it. */
  async function setAside(one: Incoming) {
    await app.intake.handle([{ ...one, value: Buffer.from('not yet readable \u001b[2J') }]);
    await ledger.pool.query('UPDATE notification.dead_letters SET value = $1 WHERE position = $2', [
      one.value,
      one.offset,
    ]);
    return `${one.topic}/0@${one.offset}`;
  }
  const invited = () => {
    const data = { inviterId: 'amal', recipientId: 'bilal', at: '2026-01-01T00:00:00.000Z' };
    return event(TOPICS.sent, 'invitations.sent.v1', 'bilal', {
      ...data,
      invitationId: `amal.${randomUUID()}`,
      message: 'a private word',
    });
  };

  it('lists and shows', async () => {
    expect((await tool('dead-letters', 'list')).out).toBe('no dead letters\n');
    const place = await setAside(invited());
    const { out } = await tool('dead-letters', 'list');
    expect(out).toContain(place);
    expect(out).toContain('1 dead letter\n');
    expect(out).not.toContain('private');
    expect(JSON.parse((await tool('dead-letters', 'list', '--json')).out)).toMatchObject([
      { place, type: 'invitations.sent.v1', redrivenAt: null },
    ]);
    expect((await tool('dead-letters', 'show', place)).out).toMatch(/key: bilal\nvalue: \n.*a private word/s);
    expect(await tool('dead-letters', 'show', 'invitations.sent/0@999999')).toMatchObject({ code: 1 });
  });

  it('handles again what can be read by now, once', async () => {
    const place = await setAside(invited());
    expect((await tool('dead-letters', 'redrive', '--all', '--dry-run')).out).toContain(
      `${place} would be handled`,
    );
    expect(stub.mails).toEqual([]);
    expect((await tool('dead-letters', 'redrive', place)).out).toContain('1 re-driven, 0 left alone');
    await until(
      () => stub.mails.length,
      (count) => count === 1,
    );
    expect((await tool('dead-letters', 'redrive', '--all')).out).toBe('0 re-driven, 0 left alone\n');
    // Even if it is told to: the ledger knows the event.
    expect((await tool('dead-letters', 'redrive', place)).code).toBe(0);
    await settled();
    expect(stub.mails).toHaveLength(1);
  });

  it('leaves alone what is still wrong, and profiles: newer ones may have come', async () => {
    await app.intake.handle([
      message(TOPICS.sent, 'bilal', 'no JSON'),
      message(TOPICS.profiles, 'amal', 'no JSON'),
    ]);
    const { out, code } = await tool('dead-letters', 'redrive', '--all');
    expect(out).toContain('is still not what its topic carries');
    expect(out).toContain('is a profile: the profile service publishes it anew');
    expect(out).toContain('0 re-driven, 2 left alone');
    expect(code).toBe(0);
  });
});

describe('docs/mail.md', () => {
  it('names commands that run', async () => {
    const { id, eventId } = await (async () => {
      stub.script.end = 'drop';
      const id = await happen(await account(), ['InvitationSent']);
      stub.script.end = '250 ok';
      return { id, eventId: (await shown(id)).entries[0]!.eventId };
    })();
    await app.intake.handle([message(TOPICS.sent, 'bilal', 'no JSON')]);
    const [letter] = JSON.parse((await tool('dead-letters', 'list', '--json')).out) as { place: string }[];
    const text = await readFile(join(ROOT, 'docs/mail.md'), 'utf8');
    const commands = [...text.matchAll(/^npm run mail:ledger -- (.*?)(?: +#.*)?$/gm)].map(
      ([, command]) => command!,
    );
    expect(commands.length).toBeGreaterThan(8);
    for (const command of commands) {
      const args = command
        .replace('<invitation id>', id)
        .replace('<event id>', eventId)
        .replace('<place>', letter!.place)
        .split(' ');
      // A dead letter that is none of these days' is still wrong: to say so is all that redriving one by name can do.
      const expected = command === 'dead-letters redrive <place>' ? 1 : 0;
      expect([command, (await tool(...args)).code]).toEqual([command, expected]);
    }
  });
});
