import { JsonFile } from './json-file.js';

const BLOCK = 1_000;

/** Hands out producer ids, none of them twice. A block is noted down before its first id is given. */
export class ProducerIds {
  private readonly file: JsonFile<{ reservedBelow: number }>;
  private next: number;
  private reservedBelow: number;

  constructor(path: string) {
    this.file = new JsonFile(path);
    this.reservedBelow = this.file.read()?.reservedBelow ?? 0;
    this.next = this.reservedBelow;
  }

  take(): number {
    if (this.next === this.reservedBelow) {
      this.reservedBelow += BLOCK;
      this.file.write({ reservedBelow: this.reservedBelow });
    }
    return this.next++;
  }
}
