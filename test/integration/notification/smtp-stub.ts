import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** The server's reply at each step; `drop` closes the connection, `silence` sends no reply. Lines are separated by CRLF. */
export interface Script {
  greeting: string;
  ehlo: string;
  helo: string;
  auth: string;
  /** To MAIL FROM. */
  mail: string;
  rcpt: string;
  /** After DATA, before the mail. */
  data: string;
  /** After the mail. */
  end: string;
}

const ACCEPTS_ALL: Script = {
  greeting: '220 stub',
  ehlo: '250 ok',
  helo: '250 ok',
  auth: '235 ok',
  mail: '250 ok',
  rcpt: '250 ok',
  data: '354 go ahead',
  end: '250 ok',
};

/** An SMTP server that follows a script, and keeps what it received. */
export class SmtpStub {
  script: Script = { ...ACCEPTS_ALL };
  /** Commands in the order of their arrival; the text of an e-mail is `mail`. */
  readonly commands: string[] = [];
  readonly mails: string[] = [];
  /** Called with each e-mail; `reply` sends the reply of the script. Default: replies at once. */
  onMail: ((mail: string, reply: () => void) => void) | undefined;
  /** Called with each recipient; returns the reply, or undefined for that of the script. */
  onRecipient: ((address: string) => string | undefined) | undefined;
  private readonly sockets = new Set<Socket>();
  private server: Server | undefined;
  private port = 0;

  get url(): string {
    return `smtp://127.0.0.1:${this.port}`;
  }

  /** Starts at the port of the first start. */
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

  /** Accepts everything again, apart from the given replies, and forgets what it received. */
  reset(script: Partial<Script> = {}): void {
    this.script = { ...ACCEPTS_ALL, ...script };
    this.onMail = undefined;
    this.onRecipient = undefined;
    this.commands.length = 0;
    this.mails.length = 0;
  }

  /** Sends a line on every open connection, in whichever state it is. */
  sendLine(line: string): void {
    for (const socket of this.sockets) socket.write(`${line}\r\n`);
  }

  private replyTo(command: string, line: string): string {
    const { ehlo, helo, auth, mail, rcpt } = this.script;
    if (command === 'RCPT') return this.onRecipient?.(/<(.*)>/.exec(line)?.[1] ?? '') ?? rcpt;
    return { EHLO: ehlo, HELO: helo, AUTH: auth, MAIL: mail }[command] ?? '250 ok';
  }

  private serve(socket: Socket): void {
    this.sockets.add(socket);
    socket.on('error', () => undefined).on('close', () => this.sockets.delete(socket));
    let inData = false;
    let buffered = '';
    const reply = (line: string) => {
      if (line === 'drop') socket.destroy();
      else if (line !== 'silence') socket.write(`${line}\r\n`);
    };
    reply(this.script.greeting);
    socket.setEncoding('utf8').on('data', (chunk: string) => {
      buffered += chunk;
      for (;;) {
        const end = buffered.indexOf(inData ? '\r\n.\r\n' : '\r\n');
        if (end < 0) return;
        const part = buffered.slice(0, end);
        buffered = buffered.slice(end + (inData ? 5 : 2));
        if (inData) {
          inData = false;
          this.commands.push('mail');
          this.mails.push(part);
          const { end } = this.script;
          if (this.onMail === undefined) reply(end);
          else this.onMail(part, () => reply(end));
          continue;
        }
        const command = part.slice(0, 4).toUpperCase();
        this.commands.push(command);
        if (command === 'DATA') {
          inData = this.script.data.startsWith('3');
          reply(this.script.data);
        } else reply(this.replyTo(command, part));
      }
    });
  }
}
