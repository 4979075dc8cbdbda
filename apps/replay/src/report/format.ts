export const number = (value: number): string => value.toLocaleString('en');
export const percent = (value: number | null): string => (value === null ? '–' : `${value.toFixed(1)} %`);
export const day = (instant: string | null): string => instant?.slice(0, 10) ?? '–';
export const hours = (value: number): string =>
  value < 48 ? `${value.toFixed(1)} h` : `${(value / 24).toFixed(1)} d`;
