import 'reflect-metadata';
import { writeFile } from 'node:fs/promises';
import { readWrappingKeys } from '#libs/author-keys';
import {
  CliError,
  createTool,
  formatExamples,
  InvalidArgumentError,
  printToStderr,
  runTool,
  writeToStdout,
} from '#libs/cli';
import { MEMBER_ID } from '#libs/contracts';
import { operatorActionOf, startAction, withOperator } from '#libs/operator-actions';
import { loadConfig } from '#libs/platform';
import { renderExport } from './export/export-page.js';
import { exportMember, type MemberExport } from './export/member-export.js';
import { TextsConfig, withStore } from './operators/connections.js';

function parseMemberId(text: string): string {
  if (!MEMBER_ID.test(text)) throw new InvalidArgumentError('not a member id');
  return text;
}

function parseFile(path: string): string {
  if (!/\.(json|html)$/.test(path)) throw new InvalidArgumentError('the name must end in .json or .html');
  return path;
}

const program = withOperator(
  createTool(
    'export-member',
    'Exports what is stored of a member, for the member who asks for it: profile, preferences, invitations, replies, connections, ' +
      'commands, e-mails, and the history of the account, with the texts decrypted. What others did in silence is not in it. Needs ' +
      'DATABASE_URL, EVENTSTORE_URL and TEXT_KEYS. Exits with 1 if a text cannot be decrypted.',
  ),
)
  .argument('<memberId>', 'the member', parseMemberId)
  .option(
    '--out <file>',
    'a file that does not exist, .json or .html; by default JSON on standard output',
    parseFile,
  )
  .addHelpText(
    'after',
    formatExamples('npm run tool -- export-member', 'amal', 'amal --out amal.json', 'amal --out amal.html'),
  )
  .action((memberId: string, { out }: { out?: string }) => run(memberId, out));

await runTool(program, { errorPrefix: 'export-member' });

async function run(memberId: string, out: string | undefined): Promise<void> {
  const keys = readWrappingKeys(loadConfig(TextsConfig));
  let unreadable = 0;
  await withStore(async (pool, client) => {
    const finish = await startAction(operatorActionOf(program, program), pool);
    const exported = await exportMember(
      { pool, client, keys },
      memberId,
      new Date().toISOString(),
      // The text of an erased author cannot come back, so its absence is no failure.
      (reason) => void (unreadable += reason === 'erased' ? 0 : 1),
    );
    await write(exported, out);
    await finish();
  });
  if (unreadable > 0) throw new CliError(`${unreadable} texts could not be decrypted: check TEXT_KEYS`);
}

async function write(exported: MemberExport, out: string | undefined): Promise<void> {
  const text = out?.endsWith('.html') ? renderExport(exported) : `${JSON.stringify(exported, null, 2)}\n`;
  if (out === undefined) return writeToStdout(text);
  // Only for the user who runs the tool; an existing file is not overwritten.
  await writeFile(out, text, { mode: 0o600, flag: 'wx' });
  printToStderr(`wrote ${out}`);
}
