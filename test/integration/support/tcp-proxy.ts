import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

/** A proxy to a server that can be shut, or can fall silent: it then holds what is sent until it opens again. */
export class TcpProxy {
  private readonly sockets = new Set<Socket>();
  private silent = false;
  private isShut = false;

  private constructor(
    private readonly server: Server,
    private readonly target: number,
  ) {
    server.on('connection', (client) => {
      if (this.isShut) {
        client.destroy();
        return;
      }
      const upstream = connect(this.target, '127.0.0.1');
      this.forward(client, upstream);
      this.forward(upstream, client);
    });
  }

  /** @param target port on this machine */
  static async to(target: number): Promise<TcpProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new TcpProxy(server, target);
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  fallSilent(): void {
    this.silent = true;
    for (const socket of this.sockets) socket.pause();
  }

  /** Closes the proxy, as if the server were gone. */
  shut(): void {
    this.isShut = true;
    this.breakAll();
  }

  open(): void {
    this.silent = false;
    this.isShut = false;
    for (const socket of this.sockets) socket.resume();
  }

  /** Breaks every connection, as a failing network or a restarted server does. */
  breakAll(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.server.close();
    this.breakAll();
    await once(this.server, 'close');
  }

  private forward(from: Socket, to: Socket): void {
    this.sockets.add(from);
    from.on('data', (data) => to.write(data));
    from.on('error', () => undefined);
    from.on('close', () => {
      this.sockets.delete(from);
      to.destroy();
    });
    if (this.silent) from.pause();
  }
}
