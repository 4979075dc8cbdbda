import type { PipeTransform } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { validated } from '#libs/contracts';

/** Which page of a list. */
export class PageQuery {
  @ApiPropertyOptional({ minimum: 1, maximum: 100, default: 30 })
  @IsInt({ message: 'limit must be a number from 1 to 100' })
  @Min(1)
  @Max(100)
  limit: number = 30;

  @ApiPropertyOptional({ description: 'The `next` of the page before.' })
  @IsOptional()
  @IsString()
  @MaxLength(300)
  cursor?: string;
}

export class PageQueryPipe implements PipeTransform<object, PageQuery> {
  transform(query: object): PageQuery {
    const { limit, ...rest } = query as Record<string, unknown>;
    return validated(PageQuery, limit === undefined ? rest : { ...rest, limit: numberIn(limit) }, 'drop');
  }
}

const numberIn = (given: unknown): number => (/^\d{1,3}$/.test(String(given)) ? Number(given) : NaN);
