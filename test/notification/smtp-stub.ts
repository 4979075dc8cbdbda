import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** What the server says at each step; `drop` cuts the connection, `silence` never answers. */
export interface Script {
  greeting: string;
  rcpt: string;
  /** After DATA, before the mail. */
  data: string;
  /** After the mail. */
  end: string;
}

const KIND: Script = { greeting: '220 stub', rcpt: '250 ok', data: '354 go ahead', end: '250 ok' };

/** An SMTP server that misbehaves as it is told, and keeps what it was sent. */
export class SmtpStub {
  script: Script = { ...KIND };
  /** Commands in order; a mail is `mail`. */
  readonly heard: string[] = [];
  readonly mails: string[] = [];
  /** Is given each mail when it is there, and decides when it is answered. */
  atMail: ((mail: string, answer: () => void) => void) | undefined;
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private port = 0;

  get url(): string {
    return `smtp://127.0.0.1:${this.port}`;
  }

  /** The second start is at the port of the first. */
  async start(): Promise<void> {
    this.server = createServer((socket) => this.serve(socket));
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    this.port = (this.server.address() as AddressInfo).port;
  }

  async stop(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise<void>((resolve) => {
      if (this.server?.listening) this.server.close(() => resolve());
      else resolve();
    });
  }

  /** Kind again, with an empty memory. */
  reset(script: Partial<Script> = {}): void {
    this.script = { ...KIND, ...script };
    this.heard.length = 0;
    this.mails.length = 0;
  }

  /** Says a line on every open connection, out of turn. */
  answer(line: string): void {
    for (const socket of this.sockets) socket.write(`${line}\r\n`);
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
    let inData = false;
    let buffered = '';
    const say = (line: string) => {
      if (line === 'drop') socket.destroy();
      else if (line !== 'silence') socket.write(`${line}\r\n`);
    };
    say(this.script.greeting);
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      buffered += chunk;
      for (;;) {
        const end = buffered.indexOf(inData ? '\r\n.\r\n' : '\r\n');
        if (end < 0) return;
        const part = buffered.slice(0, end);
        buffered = buffered.slice(end + (inData ? 5 : 2));
        if (inData) {
          inData = false;
          this.heard.push('mail');
          this.mails.push(part);
          const { end } = this.script;
          if (this.atMail === undefined) say(end);
          else this.atMail(part, () => say(end));
          continue;
        }
        const command = part.slice(0, 4).toUpperCase();
        this.heard.push(command);
        if (command === 'DATA') {
          inData = this.script.data.startsWith('3');
          say(this.script.data);
        } else say(command === 'RCPT' ? this.script.rcpt : '250 ok');
      }
    });
  }
}
