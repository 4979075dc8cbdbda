// Jest loads this file in plain Node, so it cannot be TypeScript.
import { createRequire } from 'node:module';
import { createContext } from 'node:vm';
import { explainRejection } from '../unhandled-rejections.mjs';
import { mocker, timers } from './mocks.mjs';

const require = createRequire(import.meta.url);

/**
 * The parts of kafkajs that libs/kafka replaces for a whole process (libs/kafka/src/protocol). Contract suites test the
 * original kafkajs.
 */
const KAFKAJS = ['fetch', 'produce'].map((name) => {
  const request = require(`kafkajs/src/protocol/requests/${name}`);
  return { request, protocol: request.protocol };
});

/** A context for the parts of Jest that require one. No spec runs in it. */
const context = createContext({});

const EVENTS_OF_PROCESS = [
  'SIGINT',
  'SIGTERM',
  'SIGHUP',
  'exit',
  'message',
  'disconnect',
  'uncaughtException',
  'unhandledRejection',
];

/**
 * Specs run in Node itself, without a realm of their own, which would load and compile every package again for each
 * spec file and take longer than most specs. Changes of the process are reverted after each spec file.
 */
export default class {
  global = globalThis;
  moduleMocker = mocker;
  fakeTimers = null;
  fakeTimersModern = timers;
  #before;

  constructor() {
    // oxlint-disable-next-line typescript/unbound-method -- put back as it is
    const { exit } = process;
    this.#before = {
      env: { ...process.env },
      exit,
      exitCode: process.exitCode,
      cwd: process.cwd(),
      listeners: EVENTS_OF_PROCESS.map((event) => [event, process.rawListeners(event)]),
    };
  }

  getVmContext() {
    return context;
  }

  exportConditions() {
    return ['mono-src', 'node', 'node-addons'];
  }

  async setup() {}

  handleTestEvent(event, state) {
    explainRejection(event, state);
  }

  async teardown() {
    const { env, exit, exitCode, cwd, listeners } = this.#before;
    for (const name of Object.keys(process.env)) if (!(name in env)) delete process.env[name];
    Object.assign(process.env, env);
    process.exit = exit;
    process.exitCode = exitCode;
    if (process.cwd() !== cwd) process.chdir(cwd);
    for (const { request, protocol } of KAFKAJS) request.protocol = protocol;
    for (const [event, before] of listeners) {
      for (const listener of process.rawListeners(event)) {
        if (!before.includes(listener)) process.off(event, listener);
      }
    }
  }
}
