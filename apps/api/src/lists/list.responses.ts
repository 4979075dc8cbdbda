import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';

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

  @ApiProperty({ description: 'Of http or https; empty where there is none.' })
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
