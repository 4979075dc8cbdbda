// What `node libs/cli/scripts/run.mjs` runs: every npm script that needs a build, flags of Node or an environment of its own.

/** kafkajs 2.2.4 sets timers in the past; Node uses 1 ms for them, as kafkajs intends. */
const QUIET_TIMERS = '--disable-warning=TimeoutNegativeWarning';

/** Lets Node import TypeScript, and `#libs/*` from its sources. */
const TYPESCRIPT = ['--enable-source-maps', '--import', './test/support/environment/native/typescript.mjs'];

/**
 * @typedef {object} Command
 * @property {string} about one line for the list
 * @property {string[][]} programs for Node, each a file and its arguments. They run one after the other until one fails; the
 *   last one gets the arguments of the command line.
 * @property {'always' | 'once'} [build] builds before: always, or only if a program is not built yet
 * @property {boolean} [buildBenches] builds the benches, too
 * @property {Record<string, string>} [env] what the programs find in their environment
 * @property {Record<string, string>} [defaults] the same, but the caller's environment takes precedence
 */

/** @returns {Command} a tool of an app, with the addresses of the running service if the environment sets none */
const appTool = (about, main) => ({
  about,
  build: 'once',
  programs: [['dist/apps/standalone/src/tool.main.js', main]],
});

/** @returns {Command} */
const standaloneTool = (about, main) => ({
  about,
  build: 'once',
  programs: [[`dist/apps/standalone/src/${main}`]],
});

/** @returns {Command} */
const source = (about, file) => ({ about, programs: [[file]] });

/** @type {Record<string, Command>} `npm run tool -- <name>` */
const TOOLS = {
  demo: standaloneTool(
    'publishes sample commands to the running service and shows the effects',
    'demo.main.js',
  ),
  token: standaloneTool('a token for calling the API of the running service', 'token.main.js'),
  'sample-history': {
    ...standaloneTool('fills an event store with invented invitations', 'sample-history.main.js'),
    build: 'always',
  },
  projections: appTool(
    'status, parked accounts, rebuild and reset of the projections',
    'projector/src/projections.main.js',
  ),
  'dead-letters': appTool(
    'lists and redrives the dead letters of commands',
    'command/src/dead-letters.main.js',
  ),
  'close-account': appTool('closes the account of a member who leaves', 'command/src/close-account.main.js'),
  'copy-log': appTool(
    'copies the log into an empty event store, with all texts encrypted',
    'projector/src/copy-log.main.js',
  ),
  'event-store-users': appTool(
    'creates the users of this service in EventStoreDB, with their rights and passwords',
    'command/src/event-store-users.main.js',
  ),
  erase: appTool(
    'erases a member for ever, and looks for what is left of one',
    'projector/src/erase.main.js',
  ),
  'export-member': appTool(
    'what is stored of a member, as JSON or as a page',
    'projector/src/export-member.main.js',
  ),
  'mail-ledger': appTool('every e-mail that was sent or suppressed', 'notification/src/ledger.main.js'),
  'rewrap-keys': appTool(
    'wraps the keys of authors with the first key of TEXT_KEYS',
    'projector/src/rewrap-keys.main.js',
  ),
  replay: {
    ...appTool('exports, queries and verifies the log of events', 'replay/src/main.js'),
    // The young generation as in the image: with Node's default, it takes 100 MiB more. The old one is collected when it has grown
    // by half: what DuckDB returns is freed no sooner than its objects are collected.
    programs: [
      [
        '--max-semi-space-size=8',
        '--heap-growing-percent=50',
        'dist/apps/standalone/src/tool.main.js',
        'replay/src/main.js',
      ],
    ],
  },
  migrate: {
    about: 'applies the migrations of every schema to DATABASE_URL',
    build: 'once',
    programs: [['dist/libs/read-models/src/migrate.main.js'], ['dist/apps/notification/src/migrate.main.js']],
  },
  'dev-servers': {
    about: 'the development servers without the apps',
    build: 'always',
    programs: [['dist/libs/dev-servers/src/main.js']],
  },
  'kafka-local': source('Apache Kafka on this machine, without Docker', 'test/support/servers/kafka/main.ts'),
  'servers-available': source(
    'whether Kafka or PostgreSQL can run here',
    'test/support/servers/available.main.ts',
  ),
  'mail-preview': source(
    'every e-mail in both languages on one page',
    'test/support/tools/mail-preview/main.ts',
  ),
  publish: source('publishes one command and waits for its outcome', 'examples/publish.ts'),
};

/** @type {Record<string, Command>} `npm run docs -- <name>`; without a name, all but the release and the notebook, which needs Python */
const DOCS = {
  rules: source('docs/rules.md', 'test/docs/rules.generate.ts'),
  events: source('the catalogue of events in docs/analysts.md', 'test/docs/events/catalogue.generate.ts'),
  openapi: source('docs/openapi.json', 'test/docs/openapi.generate.ts'),
  contract: source('docs/contract and docs/contract.html', 'test/docs/contract/contract.generate.ts'),
  analysts: {
    ...source('the answers in docs/analysts.md', 'test/integration/analysts/answers.generate.ts'),
    build: 'always',
  },
  notebook: source(
    'the outputs in docs/notebooks, with a Python that has matplotlib',
    'test/integration/analysts/notebook/notebook.generate.ts',
  ),
  screenshots: {
    ...source('docs/screenshots', 'test/e2e/browser/screenshots.generate.ts'),
    build: 'always',
  },
  'contract-release': source(
    'docs/contract/releases: the contract as it is now',
    'test/docs/contract/release.generate.ts',
  ),
};

/** @returns {Command} */
const bench = (name, about) => ({
  about,
  build: 'always',
  buildBenches: true,
  programs: [[`dist/test/perf/${name}/main.js`]],
});

/** @type {Record<string, Command>} `npm run bench -- <name>` */
const BENCHES = {
  commands: bench('commands', 'commands from Kafka to their outcomes'),
  projections: bench('projections', 'events from the log to read models'),
  replay: bench('replay', 'reading and querying the log'),
  mail: bench('mail', 'events to e-mails at the SMTP server'),
  http: bench('http', 'requests to the API'),
  history: bench('history', 'commands on accounts of any length'),
  scale: bench('scale', 'one replica and several'),
};

const JEST = 'node_modules/.bin/jest';
/** Spec files that are isolated are linked by Node's `vm`. */
const JEST_ENV = {
  NODE_OPTIONS: `--experimental-vm-modules --disable-warning=ExperimentalWarning ${QUIET_TIMERS}`,
};

/** @returns {Command} */
const specs = (about, args, { env = {}, defaults = {} } = {}) => ({
  about,
  build: 'always',
  buildBenches: true,
  // Jest takes every word after an option such as --roots for another value of it: hence `--ci` comes before the caller's.
  programs: [[JEST, ...args, '--ci']],
  env: { ...JEST_ENV, ...env },
  defaults,
});

const below = (...folders) => folders.map((folder) => `--roots=<rootDir>/${folder}`);

/** @type {Record<string, Command>} `npm test -- <name>` */
const SUITES = {
  unit: specs('the specs beside the code', below('apps', 'libs')),
  contract: specs(
    'the contract suites, on development servers or on real ones by address',
    below('test/contract'),
  ),
  e2e: specs('the apps as processes: killed, restarted, attacked, and used in a browser', below('test/e2e')),
  browser: specs("the members' pages in Chromium", below('test/e2e/browser')),
  hostile: specs('hostile messages, events, mail servers and settings', below('test/e2e/hostile')),
  restore: specs('the restore runbook: each server lost, and recovered', below('test/e2e/restore')),
  chaos: specs('kill -9 of the command app', below('test/e2e/chaos'), {
    defaults: { CHAOS_COMMANDS: '20000', CHAOS_KILLS: '50' },
  }),
  sigterm: specs('SIGTERM to each app under load', below('test/e2e/sigterm'), {
    defaults: { SIGTERM_TIMES: '50' },
  }),
  storm: specs('projector replicas killed and paused at random', ['test/integration/projections/storm'], {
    defaults: { STORM_SECONDS: '600' },
  }),
  outage: specs('the SMTP server down, silent and slow', ['test/integration/notification/flood'], {
    defaults: { OUTAGE_SECONDS: '600' },
  }),
  properties: specs('random histories against a model', below('test/properties'), {
    defaults: { PROPERTY_RUNS: '100000' },
  }),
  fuzz: specs(
    'random requests to the API',
    [...below('test/integration/http'), '-t', 'requested at random'],
    {
      defaults: { FUZZ_REQUESTS: '100000' },
    },
  ),
  mutation: {
    about: 'whether the specs of the domain notice every small change of it',
    programs: [['node_modules/.bin/stryker', 'run', 'test/support/mutation/stryker.config.mjs']],
  },
};

const LINTED = ['apps', 'libs', 'test', 'examples'];

/** @type {Record<string, Command>} `npm run check -- <name>`; without a name, all of them */
const CHECKS = {
  format: {
    about: 'the format of every file',
    programs: [['node_modules/.bin/prettier', '--check', '--log-level', 'warn', '.']],
  },
  types: { about: 'types', programs: [['node_modules/.bin/tsc', '--noEmit']] },
  lint: {
    about: 'lint, with types',
    programs: [['node_modules/.bin/oxlint', '--type-aware', '--deny-warnings', ...LINTED]],
  },
  boundaries: {
    about: 'who may import whom',
    programs: [
      ['node_modules/.bin/depcruise', 'apps', 'libs', 'test'],
      ['node_modules/.bin/depcruise', '--config', '.dependency-cruiser.folders.mjs', 'apps', 'libs'],
    ],
  },
  docs: {
    about: 'whether the generated documents are up to date',
    programs: [[JEST, ...below('test/docs'), '--ci']],
    env: JEST_ENV,
  },
};

/** @type {Record<string, Command>} each an npm script of this name */
export const COMMANDS = {
  start: {
    about: 'the whole service on this machine',
    build: 'always',
    programs: [['dist/apps/standalone/src/main.js']],
  },
  dev: {
    about: 'the whole service; builds and restarts one app when its sources or a library change',
    build: 'always',
    programs: [['libs/cli/scripts/dev.mjs']],
  },
  'test:long': specs(
    'the specs that kill and restart a lot, compile, or type every command of the documents',
    [],
    {
      env: { TEST_TIER: 'long' },
    },
  ),
  'test:all': specs('every spec', []),
  'test:watch': {
    about: 'the specs of what has changed since the last commit',
    programs: [[JEST, '--watch']],
    env: { ...JEST_ENV, TEST_TIER: 'short' },
  },
  coverage: specs('npm test with a report in coverage/', ['--coverage', '--coverageProvider=v8'], {
    env: { TEST_ISOLATED: '1', TEST_TIER: 'short' },
  }),
  jest: { about: 'Jest, without a build', programs: [[JEST]], env: JEST_ENV },
};

/**
 * @typedef {object} Group commands of one npm script: `npm run <script> -- <name> [arguments]`
 * @property {string} about
 * @property {string} usage
 * @property {Record<string, Command>} commands
 * @property {Command} [otherwise] what runs if the first argument names none of them
 * @property {string[]} [all] what runs without a name; such a group takes several names, and no arguments
 */

/** @type {Record<string, Group>} */
export const GROUPS = {
  test: {
    about: 'nearly every spec, one suite, or the specs of one path',
    usage: 'npm test -- [suite | path] [options of Jest]',
    commands: SUITES,
    otherwise: specs('nearly every spec, or those of a path', [], { env: { TEST_TIER: 'short' } }),
  },
  check: {
    about: 'format, types, lint, boundaries and documents',
    usage: 'npm run check -- [names]',
    commands: CHECKS,
    all: Object.keys(CHECKS),
  },
  docs: {
    about: 'generates the documents that are made from the code',
    usage: 'npm run docs -- [names]',
    commands: DOCS,
    all: Object.keys(DOCS).filter((name) => !['contract-release', 'notebook'].includes(name)),
  },
  bench: { about: 'one bench', usage: 'npm run bench -- <name> [arguments]', commands: BENCHES },
  tool: { about: 'one tool', usage: 'npm run tool -- <name> [arguments]', commands: TOOLS },
};

/** @returns {string[]} the flags of Node for a program. The examples run as in a project of their own. */
export const flagsOf = (program) =>
  program.endsWith('.ts') && !program.startsWith('examples/')
    ? [...TYPESCRIPT, QUIET_TIMERS]
    : [QUIET_TIMERS];
