import { createTool, print, runTool } from '#libs/cli';
import { Topics, type MemberProfile } from '#libs/contracts';
import { invitationIdOf, inviterOf } from '#libs/invitation';
import { TopicsConfig } from '#libs/kafka';
import { loadConfig } from '#libs/platform';
import { expectedMailRecipient, readDemoCommands, type DemoCommand } from './demo/demo-commands.js';
import { DemoPublisher } from './demo/demo-publisher.js';
import { DemoClient, formatInvitation, formatMail } from './demo/demo-client.js';
import { readEndpoints, type Endpoints } from './state/state-directory.js';
import { readSampleMembers } from './servers/provisioning.js';

/** How long to wait until the lists and the e-mails show the effect of a command. */
const EFFECT_TIMEOUT_MS = 30_000;

/** After these commands, the invitation is in the recipient's inbox; after the others, it is not. */
const ENDING_IN_INBOX: ReadonlySet<string> = new Set(['invitations.send.v1', 'invitations.restore.v1']);

const program = createTool(
  'npm run demo --',
  'Publishes the commands in examples/commands.jsonl to Kafka, one after the other, and shows the effect of each: its ' +
    'outcome, the inbox, the archive and the e-mail. Needs a running service: npm start in another terminal. ' +
    'A second run shows that repeating a command has no second effect.',
).action(async () => runDemo(await findRunningService()));

await runTool(program, { usageExitCode: 1 });

async function findRunningService(): Promise<Endpoints> {
  const endpoints = await readEndpoints();
  const alive = endpoints && (await fetch(`${endpoints.api}/healthz`).catch(() => undefined));
  if (endpoints === undefined || alive?.ok !== true) {
    throw new Error('the service is not running: start it with npm start in another terminal');
  }
  return endpoints;
}

async function runDemo(endpoints: Endpoints): Promise<void> {
  const client = new DemoClient(endpoints);
  const { TOPIC_PREFIX, GROUP_PREFIX } = loadConfig(TopicsConfig);
  const publisher = new DemoPublisher(endpoints.kafka, new Topics(TOPIC_PREFIX), GROUP_PREFIX);
  const members = new Map((await readSampleMembers()).map((member) => [member.id, member]));
  try {
    await publisher.connect();
    const commands = await readDemoCommands();
    for (const [index, command] of commands.entries()) {
      print(`\n${index + 1}. ${command.title}`);
      await runCommand(command, client, publisher, members);
    }
    print(`\nEvery e-mail as its reader sees it: ${endpoints.mail}`);
    print(`Bilal's inbox in a browser: ${endpoints.api}/inbox`);
  } finally {
    await publisher.disconnect();
  }
}

async function runCommand(
  command: DemoCommand,
  client: DemoClient,
  publisher: DemoPublisher,
  members: ReadonlyMap<string, MemberProfile>,
): Promise<void> {
  const { headers, key, value } = command;
  const commandId = headers['ce_id']!;
  const actor = value.actorId ?? value.inviterId!;
  const before = await client.isDecided(actor, commandId);
  const addressee = expectedMailRecipient(command);
  const address = members.get(addressee ?? '')?.email;
  const mailsBefore = address === undefined ? 0 : (await client.mails(address)).length;

  print(`   → ${headers['ce_type']} ${JSON.stringify(value)}`);
  const { outcome, code } = await publisher.execute(command);
  const again = before ? ', the outcome of the first time: nothing happens twice' : '';
  print(`   ← ${outcome}${code === undefined ? '' : ` ${code}`}${again}`);
  if (outcome === 'refused') return;

  const invitationId = value.invitationId ?? invitationIdOf(key, commandId);
  const recipient = value.recipientId ?? value.actorId!;
  if (!before) {
    const endsInInbox = ENDING_IN_INBOX.has(headers['ce_type']!);
    await waitUntil(
      async () =>
        (await client.list(recipient, 'inbox')).some((item) => item.invitationId === invitationId) ===
        endsInInbox,
    );
    if (address !== undefined)
      await waitUntil(async () => (await client.mails(address)).length > mailsBefore);
  }
  for (const list of ['inbox', 'archive'] as const) {
    const items = await client.list(recipient, list);
    print(`   ${members.get(recipient)?.name}'s ${list}: ${items.length === 0 ? 'empty' : ''}`);
    for (const item of items) print(`     • ${formatInvitation(item)}`);
  }
  const sent = await client.list(inviterOf(invitationId), 'sent');
  const seen = sent.find((item) => item.invitationId === invitationId);
  if (seen !== undefined) print(`   ${members.get(key)?.name} sees: ${formatInvitation(seen)}`);
  const [mail] = address === undefined ? [] : await client.mails(address);
  if (address === undefined) print('   E-mail: none');
  else if (mail !== undefined && !before) print(`   E-mail ${formatMail(mail)}`);
}

async function waitUntil(condition: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + EFFECT_TIMEOUT_MS;
  while (!(await condition())) {
    if (Date.now() > deadline)
      throw new Error(`the command had no visible effect within ${EFFECT_TIMEOUT_MS} ms: see the logs`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
