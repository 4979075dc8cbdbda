import { parseArgs } from 'node:util';
import { inviterOfInvitation, type MemberProfile } from '#libs/contracts';
import { expectedMail, readDemoCommands, type DemoCommand } from './demo/demo-command.js';
import { DemoPublisher } from './demo/publisher.js';
import { Service } from './demo/service.js';
import { showItem, showMail } from './demo/show.js';
import { readEndpoints, type Endpoints } from './endpoints.js';
import { readSampleMembers } from './sample/sample-members.js';

const USAGE = `Usage: npm run demo

Publishes the commands of examples/commands.jsonl to Kafka, one after the other, and shows what becomes of each: its
outcome, the inbox, the archive and the e-mails. Needs a running service: npm start in another terminal.
Running it again shows that a command that was carried out has no second effect.`;

const WITHIN_MS = 10_000;

try {
  const { values } = parseArgs({ options: { help: { type: 'boolean', short: 'h' } } });
  if (values.help === true) console.log(USAGE);
  else await demonstrate(await running());
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function running(): Promise<Endpoints> {
  const endpoints = await readEndpoints();
  const alive = endpoints && (await fetch(`${endpoints.api}/healthz`).catch(() => undefined));
  if (endpoints === undefined || alive?.ok !== true) {
    throw new Error('the service does not run: start it with npm start in another terminal');
  }
  return endpoints;
}

async function demonstrate(endpoints: Endpoints): Promise<void> {
  const service = new Service(endpoints);
  const publisher = new DemoPublisher(endpoints.kafka);
  const members = new Map((await readSampleMembers()).map((member) => [member.id, member]));
  await publisher.connect();
  try {
    const commands = await readDemoCommands();
    for (const [index, command] of commands.entries()) {
      console.log(`\n${index + 1}. ${command.title}`);
      await step(command, service, publisher, members);
    }
    console.log(`\nEvery e-mail as its reader sees it: ${endpoints.mail}`);
    console.log(`Bilal's inbox in a browser: ${endpoints.api}/inbox`);
  } finally {
    await publisher.disconnect();
  }
}

async function step(
  command: DemoCommand,
  service: Service,
  publisher: DemoPublisher,
  members: ReadonlyMap<string, MemberProfile>,
): Promise<void> {
  const { headers, key, value } = command;
  const commandId = headers['ce_id']!;
  const actor = value.actorId ?? value.inviterId!;
  const before = await service.isDecided(actor, commandId);
  const addressee = expectedMail(command);
  const address = members.get(addressee ?? '')?.email;
  const mailsBefore = address === undefined ? 0 : (await service.mails(address)).length;

  console.log(`   → ${headers['ce_type']} ${JSON.stringify(value)}`);
  const { outcome, code } = await publisher.ask(command);
  const again = before ? ', the outcome that it had the first time: nothing happens twice' : '';
  console.log(`   ← ${outcome}${code === undefined ? '' : ` ${code}`}${again}`);
  if (outcome === 'refused') return;

  const invitationId = value.invitationId ?? `${key}.${commandId}`;
  const recipient = value.recipientId ?? value.actorId!;
  if (!before) {
    const waits = headers['ce_type'] === 'invitations.send.v1';
    await until(
      async () =>
        (await service.list(recipient, 'inbox')).some((item) => item.invitationId === invitationId) === waits,
    );
    if (address !== undefined) await until(async () => (await service.mails(address)).length > mailsBefore);
  }
  for (const list of ['inbox', 'archive'] as const) {
    const items = await service.list(recipient, list);
    console.log(`   ${members.get(recipient)?.name}'s ${list}: ${items.length === 0 ? 'empty' : ''}`);
    for (const item of items) console.log(`     • ${showItem(item)}`);
  }
  const sent = await service.list(inviterOfInvitation(invitationId), 'sent');
  const seen = sent.find((item) => item.invitationId === invitationId);
  if (seen !== undefined) console.log(`   ${members.get(key)?.name} sees: ${showItem(seen)}`);
  const [mail] = address === undefined ? [] : await service.mails(address);
  if (address === undefined) console.log('   E-mail: none');
  else if (mail !== undefined && !before) console.log(`   E-mail ${showMail(mail)}`);
}

async function until(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + WITHIN_MS;
  while (!(await condition())) {
    if (Date.now() > deadline)
      throw new Error(`the effect did not show within ${WITHIN_MS} ms: see the logs`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
