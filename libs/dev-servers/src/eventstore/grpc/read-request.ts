import type { FilterExpression } from '../store/event-filter.js';
import { BadRequestError } from './request-errors.js';
import { streamNameOf } from './requests.js';
import { streams } from './stubs.js';

/** Where a read begins: a revision of a stream, or a position in $all. */
export type StartingPoint = 'start' | 'end' | number;

export interface ReadRequest {
  /** `undefined`: $all. */
  readonly stream: string | undefined;
  readonly from: StartingPoint;
  readonly isBackwards: boolean;
  /** `undefined`: a subscription. */
  readonly maxCount: number | undefined;
  readonly resolvesLinks: boolean;
  readonly structuredIds: boolean;
  readonly filter: FilterExpression | undefined;
  /** Events looked at between two checkpoints of a filtered subscription. */
  readonly checkpointInterval: number;
}

/** The real server's default of a filter's window. Events. */
const DEFAULT_WINDOW = 32;

/** A regular expression is compiled and matched in this process. Characters. */
const MAX_REGEX_LENGTH = 1024;

/** @throws BadRequestError */
export function readRequestOf(request: streams.ReadReq): ReadRequest {
  const options = request.getOptions();
  if (!options) throw new BadRequestError('The request has no options.');
  const filter = options.getFilter();
  const isSubscription = options.hasSubscription();
  const isBackwards = options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS;
  if (isSubscription && isBackwards) throw new BadRequestError('A subscription goes forwards.');
  return {
    ...targetOf(options),
    isBackwards,
    maxCount: isSubscription ? undefined : Number(options.getCount()),
    resolvesLinks: options.getResolveLinks(),
    structuredIds: options.getUuidOption()?.hasStructured() ?? false,
    filter: filter && filterOf(filter),
    checkpointInterval: filter && isSubscription ? checkpointIntervalOf(filter) : Infinity,
  };
}

function targetOf(options: streams.ReadReq.Options): { stream: string | undefined; from: StartingPoint } {
  const stream = options.getStream();
  if (stream) {
    const from = startOf(stream, stream.hasRevision() ? stream.getRevision() : undefined);
    return { stream: streamNameOf(stream.getStreamIdentifier()), from };
  }
  const all = options.getAll();
  if (!all) throw new BadRequestError('The request names neither a stream nor $all.');
  return { stream: undefined, from: startOf(all, all.getPosition()?.getCommitPosition()) };
}

function startOf(
  options: { hasStart(): boolean; hasEnd(): boolean },
  place: string | undefined,
): StartingPoint {
  if (options.hasEnd()) return 'end';
  if (options.hasStart() || place === undefined) return 'start';
  return Number(place);
}

function filterOf(filter: streams.ReadReq.Options.FilterOptions): FilterExpression {
  const onType = filter.getEventType();
  const expression = onType ?? filter.getStreamIdentifier();
  if (!expression) throw new BadRequestError('The filter is empty.');
  const regex = expression.getRegex();
  return {
    on: onType ? 'type' : 'stream',
    match: regex === '' ? expression.getPrefixList() : compile(regex),
  };
}

function compile(regex: string): RegExp {
  if (regex.length > MAX_REGEX_LENGTH) throw new BadRequestError('The regular expression is too long.');
  try {
    return new RegExp(regex);
  } catch (error) {
    throw new BadRequestError((error as Error).message);
  }
}

function checkpointIntervalOf(filter: streams.ReadReq.Options.FilterOptions): number {
  const interval =
    filter.getCheckpointintervalmultiplier() * (filter.hasMax() ? filter.getMax() : DEFAULT_WINDOW);
  if (interval < 1) throw new BadRequestError('The checkpoint interval must be positive.');
  return interval;
}
