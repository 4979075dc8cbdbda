import type { PipeTransform } from '@nestjs/common';
import { ApiPropertyOptional } from '@nestjs/swagger';
import { Transform } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';
import { validated } from '#libs/contracts';

/** Which page of a list. */
export class PageQuery {
  @ApiPropertyOptional({ minimum: 1, maximum: 100, default: 30 })
  @Transform(({ value }: { value: unknown }) => (/^\d{1,3}$/.test(String(value)) ? Number(value) : undefined))
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
    return validated(PageQuery, { ...query }, 'drop');
  }
}
