import type { PipeTransform } from '@nestjs/common';
import { ApiPropertyOptional, ApiProperty } from '@nestjs/swagger';
import { IsIn, IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { parseDto } from '#libs/contracts';

const LIMIT = 'limit must be a number from 1 to 100';

/** The requested page of a list. */
export class PageQuery {
  @ApiPropertyOptional({ minimum: 1, maximum: 100, default: 30 })
  @IsInt({ message: LIMIT })
  @Min(1, { message: LIMIT })
  @Max(100, { message: LIMIT })
  limit: number = 30;

  @ApiPropertyOptional({ description: 'The `next` of the previous page.' })
  @IsOptional()
  @IsString()
  @MaxLength(300)
  cursor?: string;
}

/** The requested page of received invitations. */
export class ReceivedPageQuery extends PageQuery {
  @ApiPropertyOptional({
    enum: ['connectionsInCommon'],
    description: 'A field that takes longer to compute than the list itself.',
  })
  @IsOptional()
  @IsIn(['connectionsInCommon'], { message: 'include must be connectionsInCommon' })
  include?: 'connectionsInCommon';
}

export class PageQueryPipe implements PipeTransform<object, PageQuery> {
  transform(query: object): PageQuery {
    return parsePage(PageQuery, query);
  }
}

export class ReceivedPageQueryPipe implements PipeTransform<object, ReceivedPageQuery> {
  transform(query: object): ReceivedPageQuery {
    return parsePage(ReceivedPageQuery, query);
  }
}

/**
 * The rows on a page that members see, so that it stays below 30 KB, the most that a page should weigh, with the longest messages
 * in Arabic. Each row of the archive has the advice of R28.
 */
const ROWS = 11;
export const ROWS_OF_ARCHIVE = 9;

export const parseRowsQuery = (query: object, rows = ROWS): PageQuery =>
  parsePage(PageQuery, { limit: rows, ...query });

export class RowsQueryPipe implements PipeTransform<object, PageQuery> {
  transform(query: object): PageQuery {
    return parseRowsQuery(query);
  }
}

function parsePage<Query extends PageQuery>(type: new () => Query, query: object): Query {
  const { limit, ...rest } = query as Record<string, unknown>;
  return parseDto(type, limit === undefined ? rest : { ...rest, limit: parseLimit(limit) }, 'drop');
}

const parseLimit = (given: unknown): number => (/^\d{1,3}$/.test(String(given)) ? Number(given) : NaN);

class PageResponse {
  @ApiPropertyOptional({ description: 'The cursor of the next page; absent at the end.' })
  next?: string;
}

class InviterResponse {
  @ApiProperty()
  id: string;

  @ApiProperty()
  name: string;

  @ApiProperty()
  headline: string;

  @ApiProperty({ description: 'An http or https URL, or empty if there is none.' })
  profileUrl: string;
}

class WaitingInvitationResponse {
  @ApiProperty()
  invitationId: string;

  @ApiProperty({ type: InviterResponse })
  inviter: InviterResponse;

  @ApiPropertyOptional({
    description:
      'With `include=connectionsInCommon`: how many connections the member has in common with the inviter. Absent if there is none, and if one of the two has more than 1,000 connections.',
    type: 'integer',
    minimum: 1,
    maximum: 1000,
  })
  connectionsInCommon?: number;

  @ApiPropertyOptional()
  message?: string;

  @ApiProperty({ format: 'date-time' })
  sentAt: string;
}

class RecipientResponse {
  @ApiProperty()
  id: string;

  @ApiProperty()
  name: string;
}

class EarlierReplyResponse {
  @ApiProperty({ description: 'The invitation that was replied to.' })
  invitationId: string;

  @ApiProperty()
  reply: string;

  @ApiProperty({ format: 'date-time' })
  repliedAt: string;
}

class SentInvitationResponse {
  @ApiProperty()
  invitationId: string;

  @ApiProperty({ type: RecipientResponse })
  recipient: RecipientResponse;

  @ApiPropertyOptional()
  message?: string;

  @ApiProperty({ format: 'date-time' })
  sentAt: string;

  @ApiProperty({ enum: ['pending', 'replied', 'accepted', 'withdrawn', 'expired'] })
  status: string;

  @ApiPropertyOptional({
    description: 'The text of the recipient’s reply, also after a later acceptance or withdrawal.',
  })
  reply?: string;

  @ApiPropertyOptional({ format: 'date-time' })
  repliedAt?: string;

  @ApiPropertyOptional({
    description:
      'If the invitation is a follow-up: the replies to the invitations that it has superseded, the newest first. Absent if there is none.',
    type: [EarlierReplyResponse],
  })
  earlierReplies?: EarlierReplyResponse[];
}

export class WaitingInvitationsResponse extends PageResponse {
  @ApiProperty({ type: [WaitingInvitationResponse] })
  items: WaitingInvitationResponse[];
}

export class SentInvitationsResponse extends PageResponse {
  @ApiProperty({ type: [SentInvitationResponse] })
  items: SentInvitationResponse[];
}

class ConnectionResponse {
  @ApiProperty({ description: 'The other member.' })
  memberId: string;

  @ApiProperty({ format: 'date-time' })
  since: string;
}

export class ConnectionsResponse extends PageResponse {
  @ApiProperty({ type: [ConnectionResponse] })
  items: ConnectionResponse[];
}
