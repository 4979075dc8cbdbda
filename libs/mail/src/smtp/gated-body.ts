import { Readable } from 'node:stream';

/** The caller said no when the server was ready for the data. */
export class Withheld extends Error {}

/**
 * The bytes of a mail that nobody gets before `open` says so. nodemailer reads them only once the server has answered
 * DATA with "go ahead", so `open` runs at the last moment at which it is certain that nothing was sent.
 */
export class GatedBody extends Readable {
  /** Whether the bytes were handed out. */
  begun = false;
  private asked = false;

  constructor(
    private readonly bytes: Buffer,
    private readonly open: () => Promise<boolean>,
  ) {
    super();
  }

  override _read(): void {
    if (this.asked) return;
    this.asked = true;
    this.open().then(
      (go) => (go ? this.begin() : this.destroy(new Withheld())),
      (error: unknown) => this.destroy(new Withheld('withheld', { cause: error })),
    );
  }

  private begin(): void {
    // The connection may have been lost meanwhile; then nothing begins any more.
    if (this.destroyed) return;
    this.begun = true;
    this.push(this.bytes);
    this.push(null);
  }
}
