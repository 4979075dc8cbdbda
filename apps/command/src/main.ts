import { exitOnStopSignal } from '#libs/platform/entry';

// Before the imports of the app, which take most of the start: a static import would be loaded before this line runs.
exitOnStopSignal('command');
await import('./run.js');
