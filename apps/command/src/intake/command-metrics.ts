import { Counter, type Registry } from 'prom-client';
import type { StoredOutcome } from '#libs/read-models';

const OUTCOMES = ['accepted', 'refused', 'repeated', 'dead-letter'] as const;

/**
 * What became of commands, counted by the chunk. Not by type, nor by the code of a refusal: a count of declines, or of
 * ignores, is nobody's to read (R20, R29, R30), and whoever scrapes may be many.
 */
export class CommandMetrics {
  private readonly commands: Counter<'outcome'>;

  constructor(registry: Registry) {
    this.commands = new Counter({
      name: 'invitations_commands_total',
      help: 'Commands by what became of them: decided, known already, or set aside as none',
      labelNames: ['outcome'],
      registers: [registry],
    });
    for (const outcome of OUTCOMES) this.commands.inc({ outcome }, 0);
  }

  decided(outcomes: readonly StoredOutcome[]): void {
    const refused = outcomes.filter(({ refusal }) => refusal !== undefined).length;
    this.commands.inc({ outcome: 'accepted' }, outcomes.length - refused);
    this.commands.inc({ outcome: 'refused' }, refused);
  }

  repeated(commands: number): void {
    this.commands.inc({ outcome: 'repeated' }, commands);
  }

  setAside(messages: number): void {
    this.commands.inc({ outcome: 'dead-letter' }, messages);
  }
}
