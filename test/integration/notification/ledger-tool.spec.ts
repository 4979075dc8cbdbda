import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { TOPICS } from '#libs/contracts';
import type { ConsumedMessage } from '#libs/kafka';
import {
  app,
  appendAndConsume,
  createInviter,
  harness,
  readHistory,
  ROOT,
  summarize,
  tool,
  untilSettled,
  useLedgerTool,
} from './ledger-tool-harness.js';
import { event, message } from './messages.js';
import { messageIdsOf, readUntil } from './notification-harness.js';

useLedgerTool();

/** Lets an invitation e-mail have an unknown outcome: the server closes the connection after the text. */
async function sendWithUnknownOutcome() {
  harness.smtp.script.end = 'drop';
  const id = await appendAndConsume(await createInviter(), ['InvitationSent']);
  harness.smtp.script.end = '250 ok';
  return { id, eventId: (await readHistory(id)).entries[0]!.eventId };
}

describe('mail:ledger', () => {
  it('counts e-mails by state, and lists those of unknown outcome', async () => {
    const { eventId } = await sendWithUnknownOutcome();
    const { out } = await tool('summary');
    expect(out).toMatch(/^invitation +unknown +CONNECTION_LOST +1$/m);
    expect(out).toContain(`  ${eventId} invitation to bilal, since `);
    expect(JSON.parse((await tool('summary', '--json')).out)).toMatchObject({
      counts: [{ kind: 'invitation', state: 'unknown', count: 1 }],
      oldestQueued: null,
      unknown: [{ eventId }],
    });
  });

  it('resends an e-mail of unknown outcome under its Message-ID, and no other e-mail', async () => {
    const { id, eventId } = await sendWithUnknownOutcome();
    expect(await tool('resend', eventId, 'invitation')).toMatchObject({ code: 0 });
    await untilSettled();
    expect(summarize(await readHistory(id))).toEqual([['InvitationSent', 'invitation', 'sent']]);
    const messageId = `<${id}.invitation@network.example>`;
    expect(messageIdsOf(harness.smtp.mails)).toEqual([messageId, messageId]);
    expect(await tool('resend', eventId, 'invitation')).toEqual({
      code: 1,
      out: '',
      err: 'mail:ledger: the e-mail is sent: only an e-mail of unknown outcome can be sent again\n',
    });
    expect((await tool('resend', randomUUID(), 'reply')).err).toContain('has no reply e-mail of event');
  });

  it('suppresses an address, and lifts the suppression', async () => {
    expect((await tool('bounce', 'bilal')).code).toBe(0);
    const id = await appendAndConsume(await createInviter(), ['InvitationSent']);
    expect(summarize(await readHistory(id))).toEqual([
      ['InvitationSent', 'invitation', 'suppressed', 'ADDRESS_BOUNCED', '-'],
    ]);
    expect((await tool('unbounce', 'bilal@EXAMPLE.com')).code).toBe(0);
    expect(await tool('unbounce', 'bilal')).toMatchObject({
      code: 1,
      err: 'mail:ledger: this address is not suppressed\n',
    });
    expect((await tool('bounce', 'nobody')).err).toContain('no profile of a member nobody was received');
    const other = await appendAndConsume(await createInviter(), ['InvitationSent']);
    expect(summarize(await readHistory(other))).toEqual([['InvitationSent', 'invitation', 'sent']]);
  });
});

describe('mail:ledger dead-letters', () => {
  /** Stores a message as a dead letter, as a version does that cannot read it. @returns its id */
  async function storeAsDeadLetter(one: ConsumedMessage) {
    await app.handler.handle([{ ...one, value: Buffer.from('not yet readable \u001b[2J') }]);
    await harness.pool.query('UPDATE notification.dead_letters SET value = $1 WHERE position = $2', [
      one.value,
      one.offset,
    ]);
    return `${one.topic}/0@${one.offset}`;
  }
  const createEvent = () => {
    const data = { inviterId: 'amal', recipientId: 'bilal', at: new Date().toISOString() };
    return event(TOPICS.sent, 'invitations.sent.v1', 'bilal', {
      ...data,
      invitationId: `amal.${randomUUID()}`,
      message: 'a private word',
    });
  };

  it('lists dead letters without values, and shows one with its value', async () => {
    expect((await tool('dead-letters', 'list')).out).toBe('no dead letters\n');
    const place = await storeAsDeadLetter(createEvent());
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

  it('redrives a message that can be read by now, once', async () => {
    const place = await storeAsDeadLetter(createEvent());
    expect((await tool('dead-letters', 'redrive', '--all', '--dry-run')).out).toContain(
      `${place} would be handled`,
    );
    expect(harness.smtp.mails).toEqual([]);
    expect((await tool('dead-letters', 'redrive', place)).out).toContain('1 re-driven, 0 left alone');
    await readUntil(
      () => harness.smtp.mails.length,
      (count) => count === 1,
    );
    expect((await tool('dead-letters', 'redrive', '--all')).out).toBe('0 re-driven, 0 left alone\n');
    // It can be named again: the ledger already has the event.
    expect((await tool('dead-letters', 'redrive', place)).code).toBe(0);
    await untilSettled();
    expect(harness.smtp.mails).toHaveLength(1);
  });

  it('redrives neither invalid messages nor profiles, which may be older than those consumed since', async () => {
    await app.handler.handle([
      message(TOPICS.sent, 'bilal', 'no JSON'),
      message(TOPICS.profiles, 'amal', 'no JSON'),
    ]);
    const { out, code } = await tool('dead-letters', 'redrive', '--all');
    expect(out).toContain('is still invalid');
    expect(out).toContain('is a profile: the profile service has to publish it again');
    expect(out).toContain('0 re-driven, 2 left alone');
    expect(code).toBe(0);
  });
});

describe('docs/mail.md', () => {
  it('quotes commands of mail:ledger that run', async () => {
    const { id, eventId } = await sendWithUnknownOutcome();
    await app.handler.handle([message(TOPICS.sent, 'bilal', 'no JSON')]);
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
      // The dead letter is still invalid, so redriving it by its id fails.
      const expected = command === 'dead-letters redrive <place>' ? 1 : 0;
      expect([command, (await tool(...args)).code]).toEqual([command, expected]);
    }
  });
});
