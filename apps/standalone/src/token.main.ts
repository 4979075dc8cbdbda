import { parseArgs } from 'node:util';
import { MEMBER_ID } from '#libs/contracts';
import { issueToken } from './identity/dev-issuer.js';

const USAGE = `Usage: npm run token -- <memberId> [--operator]

Prints a JSON Web Token with which to call the API of the standalone service, for example:
  curl -H "Authorization: Bearer $(npm run --silent token -- amal)" http://127.0.0.1:3000/v1/inbox`;

try {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { operator: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
  });
  const [memberId, ...rest] = positionals;
  if (values.help === true) console.log(USAGE);
  else if (memberId === undefined || rest.length > 0 || !MEMBER_ID.test(memberId)) {
    throw new Error(`name one member\n\n${USAGE}`);
  } else console.log(await issueToken(memberId, values.operator === true ? 'operator' : undefined));
} catch (error) {
  const missing = (error as NodeJS.ErrnoException).code === 'ENOENT';
  console.error(missing ? 'no keys yet: run npm start first' : (error as Error).message);
  process.exitCode = 1;
}
