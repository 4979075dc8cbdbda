import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** A mail in the API's response, as far as these tests read it. */
export interface Message {
  id: string;
  from: string;
  to: string[];
  subject: string;
  text: string | null;
  html: string | null;
  headers: Record<string, string>;
  receivedAt: string;
}

export async function messagesAt(url: string): Promise<Message[]> {
  return (await (await fetch(`${url}/api/messages`)).json()) as Message[];
}

/** A raw connection, for what no mail library sends. */
export async function connectTo(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  // A server may reset the connection of a client that violates the protocol.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Sends SMTP commands one by one, each after the response to the one before. */
export async function converse(socket: Socket, ...lines: string[]): Promise<string[]> {
  const responses: string[] = [];
  for (const line of lines) {
    socket.write(`${line}\r\n`);
    const [response] = (await once(socket, 'data')) as [Buffer];
    responses.push(response.toString());
  }
  return responses;
}

/** Connects and sends all commands up to DATA, so that the server expects the content of a mail. */
export async function openMail(smtpUrl: string, to = 'b@example.org'): Promise<Socket> {
  const socket = await connectTo(smtpUrl);
  await once(socket, 'data');
  await converse(socket, 'EHLO test', 'MAIL FROM:<a@example.org>', `RCPT TO:<${to}>`, 'DATA');
  return socket;
}

/** Sends bytes as the content of a mail and returns the server's response. */
export async function sendRaw(smtpUrl: string, content: Buffer | string): Promise<string> {
  const socket = await openMail(smtpUrl);
  socket.write(content);
  const [response] = await converse(socket, '\r\n.');
  socket.destroy();
  return response ?? '';
}
