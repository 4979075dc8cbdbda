import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PROJECT } from '../paths.js';

/** A line of examples/commands.jsonl: a Kafka message as any client would publish it, and what it is about. */
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

/** The e-mail that a command leads to when it is accepted: whom it goes to, and of which invitation. */
export function expectedMail({ headers, key, value }: DemoCommand): string | undefined {
  if (headers['ce_type'] === 'invitations.send.v1') return value.recipientId;
  if (headers['ce_type'] === 'invitations.accept.v1' || headers['ce_type'] === 'invitations.reply.v1')
    return key;
  return undefined;
}
