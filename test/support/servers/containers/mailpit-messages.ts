import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

interface Address {
  readonly Name: string;
  readonly Address: string;
}

interface Summary {
  readonly ID: string;
  readonly From: Address | null;
  readonly To: readonly Address[] | null;
  readonly Cc: readonly Address[] | null;
  /** Recipients of the envelope that no header names. */
  readonly Bcc: readonly Address[] | null;
  readonly Subject: string;
  readonly Created: string;
}

/**
 * Serves the e-mails of a Mailpit in the form that the tests use: `GET` and `DELETE /api/messages` of the development
 * mail server.
 * @param mailpit the address of its HTTP API
 */
export async function serveMailpitMessages(mailpit: string): Promise<{ url: string; stop(): Promise<void> }> {
  const server = createServer((request, response) => {
    const answer = request.method === 'DELETE' ? forget(mailpit) : list(mailpit);
    void answer.then(
      (body) => response.writeHead(body === undefined ? 204 : 200).end(body),
      (error: unknown) => response.writeHead(502).end(String(error)),
    );
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    async stop() {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

async function forget(mailpit: string): Promise<undefined> {
  await asked(`${mailpit}/api/v1/messages`, { method: 'DELETE' });
}

/** Newest first, as Mailpit returns them. */
async function list(mailpit: string): Promise<string> {
  const { messages } = (await (await asked(`${mailpit}/api/v1/messages?limit=100000`)).json()) as {
    messages: Summary[];
  };
  return JSON.stringify(await Promise.all(messages.map((summary) => whole(mailpit, summary))));
}

async function whole(mailpit: string, summary: Summary) {
  const url = `${mailpit}/api/v1/message/${summary.ID}`;
  const [message, headers] = await Promise.all([asked(url), asked(`${url}/headers`)]);
  const { Text, HTML } = (await message.json()) as { Text: string; HTML: string };
  const { From, To, Cc, Bcc } = summary;
  return {
    id: summary.ID,
    from: From === null ? '' : From.Name === '' ? From.Address : `"${From.Name}" <${From.Address}>`,
    to: [To, Cc, Bcc].flatMap((addresses) => (addresses ?? []).map(({ Address }) => Address)),
    subject: summary.Subject,
    text: Text === '' ? null : Text,
    html: HTML === '' ? null : HTML,
    headers: Object.fromEntries(
      Object.entries((await headers.json()) as Record<string, string[]>).map(([name, values]) => [
        name.toLowerCase(),
        values.join(', '),
      ]),
    ),
    receivedAt: summary.Created,
  };
}

async function asked(url: string, init?: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (!response.ok) throw new Error(`Mailpit answered ${response.status} to ${init?.method ?? 'GET'} ${url}`);
  return response;
}
