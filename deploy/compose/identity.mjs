// Stands in for the identity provider, on a developer's machine only: keeps one key, serves its public half, and signs
// tokens for whoever can run it.
//
//   node identity.mjs serve <folder> [port]
//   node identity.mjs token <folder> <memberId> [--operator]
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';

const ISSUER = 'http://identity:3001';
const AUDIENCE = 'invitations';
const TOKEN_LIFE_S = 12 * 3600;
const KEY_ID = 'compose';

const [verb, folder, ...rest] = process.argv.slice(2);
if (verb === 'serve' && folder !== undefined) serve(Number(rest[0] ?? 3001));
else if (verb === 'token' && folder !== undefined && rest[0] !== undefined)
  console.log(token(rest[0], rest[1] === '--operator'));
else {
  console.error('Usage: identity.mjs serve <folder> [port] | token <folder> <memberId> [--operator]');
  process.exitCode = 2;
}

function privateKey() {
  const file = join(folder, 'key.pem');
  if (!existsSync(file)) {
    mkdirSync(folder, { recursive: true });
    const { privateKey: made } = generateKeyPairSync('ed25519');
    writeFileSync(file, made.export({ format: 'pem', type: 'pkcs8' }), { mode: 0o600 });
  }
  return createPrivateKey(readFileSync(file));
}

function serve(port) {
  const jwk = createPublicKey(privateKey()).export({ format: 'jwk' });
  const keys = JSON.stringify({ keys: [{ ...jwk, kid: KEY_ID, alg: 'EdDSA', use: 'sig' }] });
  const server = createServer((request, response) => {
    if (request.url === '/jwks.json') response.setHeader('content-type', 'application/json').end(keys);
    else response.writeHead(404).end();
  });
  server.listen(port, () =>
    console.log(`the key set is at http://127.0.0.1:${server.address().port}/jwks.json`),
  );
  process.on('SIGTERM', () => process.exit(0));
}

function token(member, isOperator) {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: ISSUER, aud: AUDIENCE, sub: member, iat: now, exp: now + TOKEN_LIFE_S };
  const parts = [
    { alg: 'EdDSA', kid: KEY_ID, typ: 'JWT' },
    isOperator ? { ...claims, scope: 'operator' } : claims,
  ];
  const signed = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
  return `${signed}.${sign(null, Buffer.from(signed), privateKey()).toString('base64url')}`;
}
