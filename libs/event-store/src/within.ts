import { AnswerTimer } from './answer-timer.js';

/** The promise's end, or a rejection when that takes too long: the client itself would wait for ever. */
export function within<T>(ms: number, promise: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = new AnswerTimer(ms, () => reject(new Error(`no answer within ${ms} ms`)));
    promise.then(
      (value) => {
        timer.stop();
        resolve(value);
      },
      (error: unknown) => {
        timer.stop();
        reject(error);
      },
    );
  });
}
