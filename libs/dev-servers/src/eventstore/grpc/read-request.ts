import { streams } from '../protocol/stubs.js';
import type { FilterExpression } from '../store/event-filter.js';
import { BadRequestError } from './grpc-errors.js';
import { readStreamName } from './request-fields.js';

/** Where a read begins: at a revision of a stream, or at a position in $all. */
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
  /** Events examined between two checkpoints of a filtered subscription: in history, and live. */
  readonly searchWindow: number;
  readonly checkpointInterval: number;
}

/** Events; the real server's default of a filter's window. */
const DEFAULT_WINDOW = 32;

/** Characters. Bounded, because a regular expression is compiled and matched in this process. */
const MAX_REGEX_LENGTH = 1024;

/** @throws BadRequestError */
export function parseReadRequest(request: streams.ReadReq): ReadRequest {
  const options = request.getOptions();
  if (!options) throw new BadRequestError('The request has no options.');
  const filter = options.getFilter();
  const isSubscription = options.hasSubscription();
  const isBackwards = options.getReadDirection() === streams.ReadReq.Options.ReadDirection.BACKWARDS;
  if (isSubscription && isBackwards) throw new BadRequestError('A subscription cannot read backwards.');
  return {
    ...readTarget(options),
    isBackwards,
    maxCount: isSubscription ? undefined : Number(options.getCount()),
    resolvesLinks: options.getResolveLinks(),
    structuredIds: options.getUuidOption()?.hasStructured() ?? false,
    filter: filter && readFilter(filter),
    ...(filter && isSubscription
      ? readIntervals(filter)
      : { searchWindow: Infinity, checkpointInterval: Infinity }),
  };
}

function readTarget(options: streams.ReadReq.Options): { stream: string | undefined; from: StartingPoint } {
  const stream = options.getStream();
  if (stream) {
    const from = readStart(stream, stream.hasRevision() ? stream.getRevision() : undefined);
    return { stream: readStreamName(stream.getStreamIdentifier()), from };
  }
  const all = options.getAll();
  if (!all) throw new BadRequestError('The request names neither a stream nor $all.');
  return { stream: undefined, from: readStart(all, all.getPosition()?.getCommitPosition()) };
}

function readStart(
  options: { hasStart(): boolean; hasEnd(): boolean },
  position: string | undefined,
): StartingPoint {
  if (options.hasEnd()) return 'end';
  if (options.hasStart() || position === undefined) return 'start';
  return Number(position);
}

function readFilter(filter: streams.ReadReq.Options.FilterOptions): FilterExpression {
  const onType = filter.getEventType();
  const expression = onType ?? filter.getStreamIdentifier();
  if (!expression) throw new BadRequestError('The filter is empty.');
  const regex = expression.getRegex();
  return {
    on: onType ? 'type' : 'stream',
    match: regex === '' ? expression.getPrefixList() : compileRegex(regex),
  };
}

function compileRegex(regex: string): RegExp {
  if (regex.length > MAX_REGEX_LENGTH) throw new BadRequestError('The regular expression is too long.');
  try {
    return new RegExp(regex);
  } catch (error) {
    throw new BadRequestError((error as Error).message);
  }
}

function readIntervals(
  filter: streams.ReadReq.Options.FilterOptions,
): Pick<ReadRequest, 'searchWindow' | 'checkpointInterval'> {
  const searchWindow = filter.hasMax() ? filter.getMax() : DEFAULT_WINDOW;
  const checkpointInterval = filter.getCheckpointintervalmultiplier() * searchWindow;
  if (checkpointInterval < 1) throw new BadRequestError('The checkpoint interval must be positive.');
  return { searchWindow, checkpointInterval };
}
