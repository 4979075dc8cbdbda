import { Option } from 'nest-commander';
import { InvalidArgumentError } from 'commander';
import { STORED_TYPES } from '#libs/invitation';
import { ToolCommand } from '../cli/tool-command.js';
import { instantOf, positionOf } from '../cli/moment.js';
import type { Selection } from './selection.js';
import type { Position } from '#libs/projection/reading';

/** What the options below come to. */
export interface SelectingOptions {
  readonly type?: readonly string[];
  readonly account?: string;
  readonly member?: string;
  readonly invitation?: string;
  readonly since?: string;
  readonly until?: string;
  readonly after?: Position;
  readonly to?: Position;
}

/** A command on a part of the log, with the options that say which. */
export abstract class SelectingCommand extends ToolCommand {
  protected selectionOf({ type, ...others }: SelectingOptions): Selection {
    return { ...others, types: type && new Set(type) };
  }

  @Option({ flags: '--type <types>', description: 'only of these types, with commas between them' })
  typesOf(text: string): string[] {
    const types = text.split(',');
    const unknown = types.find((type) => !(STORED_TYPES as readonly string[]).includes(type));
    if (unknown === undefined) return types;
    throw new InvalidArgumentError(`There is no ${unknown}. Types: ${STORED_TYPES.join(', ')}.`);
  }

  @Option({
    flags: '--account <member>',
    description: 'only of this account: what its owner did as an inviter',
  })
  accountOf(text: string): string {
    return text;
  }

  @Option({
    flags: '--member <member>',
    description: 'only what this member has a part in, in whatever role',
  })
  memberOf(text: string): string {
    return text;
  }

  @Option({ flags: '--invitation <id>', description: 'only about this invitation' })
  invitationOf(text: string): string {
    return text;
  }

  @Option({
    flags: '--since <instant>',
    description: 'only what happened at this instant or later (ISO 8601)',
  })
  sinceOf(text: string): string {
    return instantOf(text);
  }

  @Option({ flags: '--until <instant>', description: 'only what happened until this instant' })
  untilOf(text: string): string {
    return instantOf(text);
  }

  @Option({ flags: '--after <position>', description: 'only what stands behind this position in the log' })
  afterOf(text: string): Position {
    return positionOf(text);
  }

  @Option({ flags: '--to <position>', description: 'only what stands in the log up to this position' })
  toOf(text: string): Position {
    return positionOf(text);
  }
}
