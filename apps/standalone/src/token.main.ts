import { createTool, formatExamples, InvalidArgumentError, print, runTool } from '#libs/cli';
import { MEMBER_ID } from '#libs/contracts';
import { issueToken } from './identity/dev-issuer.js';

const program = createTool(
  'npm run token --',
  'Prints a JSON Web Token for calling the API of the standalone service as a member.',
)
  .argument('<memberId>', 'one member id', parseMemberId)
  .option('--operator', 'with the scope of an operator, who can lift restrictions')
  .addHelpText(
    'after',
    formatExamples(
      'curl -H "Authorization: Bearer $(npm run --silent token -- amal)"',
      'http://127.0.0.1:3000/v1/inbox',
    ),
  )
  .showHelpAfterError()
  .action(async (memberId: string, { operator = false }: { operator?: boolean }) => {
    try {
      print(await issueToken(memberId, operator ? 'operator' : undefined));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      throw new Error('no keys yet: run npm start first', { cause: error });
    }
  });

function parseMemberId(text: string): string {
  if (!MEMBER_ID.test(text)) throw new InvalidArgumentError('It is not a member id.');
  return text;
}

await runTool(program, { usageExitCode: 1 });
