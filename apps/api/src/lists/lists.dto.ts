import type { PipeTransform } from '@nestjs/common';
import { ApiPropertyOptional, ApiProperty } from '@nestjs/swagger';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { parseDto } from '#libs/contracts';

/** The requested page of a list. */
export class PageQuery {
  @ApiPropertyOptional({ minimum: 1, maximum: 100, default: 30 })
  @IsInt({ message: 'limit must be a number from 1 to 100' })
  @Min(1)
  @Max(100)
  limit: number = 30;

  @ApiPropertyOptional({ description: 'The `next` of the previous page.' })
  @IsOptional()
  @IsString()
  @MaxLength(300)
  cursor?: string;
}

export class PageQueryPipe implements PipeTransform<object, PageQuery> {
  transform(query: object): PageQuery {
    const { limit, ...rest } = query as Record<string, unknown>;
    return parseDto(PageQuery, limit === undefined ? rest : { ...rest, limit: parseLimit(limit) }, 'drop');
  }
}

/** For the pages that members see: fifteen rows stay below 30 KB, the most that a page should weigh. */
export class RowsQueryPipe extends PageQueryPipe {
  override transform(query: object): PageQuery {
    return super.transform({ limit: 15, ...query });
  }
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

class SentInvitationResponse {
  @ApiProperty()
  invitationId: string;

  @ApiProperty({ type: RecipientResponse })
  recipient: RecipientResponse;

  @ApiPropertyOptional()
  message?: string;

  @ApiProperty({ format: 'date-time' })
  sentAt: string;

  @ApiProperty({ enum: ['pending', 'replied', 'accepted', 'withdrawn'] })
  status: string;

  @ApiPropertyOptional({
    description: 'The text of the recipient’s reply, also after a later acceptance or withdrawal.',
  })
  reply?: string;

  @ApiPropertyOptional({ format: 'date-time' })
  repliedAt?: string;
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
