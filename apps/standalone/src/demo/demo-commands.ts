import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT } from '../state/state-directory.js';

/** A line of examples/commands.jsonl: a Kafka message as any client would publish it, and a title. */
export interface DemoCommand {
  readonly title: string;
  readonly key: string;
  readonly headers: Record<string, string>;
  readonly value: {
    readonly inviterId?: string;
    readonly recipientId?: string;
    readonly invitationId?: string;
    readonly actorId?: string;
  };
}

export async function readDemoCommands(): Promise<DemoCommand[]> {
  const text = await readFile(join(PROJECT, 'examples/commands.jsonl'), 'utf8');
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as DemoCommand);
}

/** Returns the recipient of the e-mail that an accepted command causes; undefined when it causes none. */
export function expectedMailRecipient({ headers, key, value }: DemoCommand): string | undefined {
  if (headers['ce_type'] === 'invitations.send.v1') return value.recipientId;
  if (headers['ce_type'] === 'invitations.accept.v1' || headers['ce_type'] === 'invitations.reply.v1')
    return key;
  return undefined;
}
