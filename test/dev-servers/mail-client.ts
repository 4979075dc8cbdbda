import { once } from 'node:events';
import { connect, type Socket } from 'node:net';

/** What the API answers, as far as these tests look at it. */
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

/** A bare connection, for clients that no library would be. */
export async function connectTo(url: string): Promise<Socket> {
  const { hostname, port } = new URL(url);
  const socket = connect(Number(port), hostname);
  // A server may well reset a connection on which it was insulted.
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** Sends lines of SMTP one by one, each after the answer to the one before. */
export async function converse(socket: Socket, ...lines: string[]): Promise<string[]> {
  const answers: string[] = [];
  for (const line of lines) {
    socket.write(`${line}\r\n`);
    const [answer] = (await once(socket, 'data')) as [Buffer];
    answers.push(answer.toString());
  }
  return answers;
}

/** Brings a connection to where the content of a mail is expected. */
export async function openMail(smtpUrl: string, to = 'b@example.org'): Promise<Socket> {
  const socket = await connectTo(smtpUrl);
  await once(socket, 'data');
  await converse(socket, 'EHLO test', 'MAIL FROM:<a@example.org>', `RCPT TO:<${to}>`, 'DATA');
  return socket;
}

/** Sends bytes as a mail's content and returns the server's answer. */
export async function sendRaw(smtpUrl: string, content: Buffer | string): Promise<string> {
  const socket = await openMail(smtpUrl);
  socket.write(content);
  const [answer] = await converse(socket, '\r\n.');
  socket.destroy();
  return answer ?? '';
}
