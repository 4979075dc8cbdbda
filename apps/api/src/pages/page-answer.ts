import type { VNode } from 'preact';
import type { View } from './view.js';

/** A page and the status that it comes with. */
export interface PageAnswer {
  readonly status: number;
  readonly page: (view: View) => VNode;
}
