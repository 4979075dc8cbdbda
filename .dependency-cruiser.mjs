// The rules for imports. Each says why it exists; `npm run lint` checks them.
/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circular',
      comment: 'A circle of modules has no first thing to read, and its initialisation order is luck.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'domain-imports-nothing',
      comment:
        'The rules must be readable, testable and replayable without a framework, a client, a clock or a random source. ' +
        'Its specs may import jest.',
      severity: 'error',
      from: { path: '^libs/invitation/', pathNot: '\\.spec\\.ts$' },
      to: { pathNot: '^libs/invitation/' },
    },
    {
      name: 'contracts-is-a-leaf',
      comment:
        'What crosses a boundary may not depend on how either side is built. The domain is the language of both sides: ' +
        'it tells the account of a command and the inviter of an invitation.',
      severity: 'error',
      from: { path: '^libs/contracts/' },
      to: { path: '^libs/(?!(contracts|invitation)/)' },
    },
    {
      name: 'apps-are-independent',
      comment: 'Each app is a process and an image of its own; what two share is a library.',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/([^/]+)/', pathNot: '^apps/$1/' },
    },
    {
      name: 'libs-not-to-apps',
      comment: 'A library that knows its caller is a part of that caller.',
      severity: 'error',
      from: { path: '^libs/' },
      to: { path: '^apps/' },
    },
    {
      name: 'library-only-through-index',
      comment:
        'What index.ts exports is the library; the rest may change without asking. read-only.ts is the part that cannot write, ' +
        'wire.ts the part that needs no client, entry.ts the part that runs before everything else is loaded.',
      severity: 'error',
      from: { path: '^(apps/[^/]+|libs/[^/]+)/' },
      to: { path: '^libs/[^/]+/src/(?!(index|read-only|wire|entry)\\.ts$)', pathNot: '^$1/' },
    },
    {
      name: 'embedded-mode-is-a-secret',
      comment:
        'The apps take real servers by address. Only standalone, tests and dev-servers itself know that an embedded mode exists.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '^(apps/standalone|libs/dev-servers)/' },
      to: { path: '^libs/dev-servers/' },
    },
    {
      name: 'kafkajs-through-one-library',
      comment: 'kafkajs is unmaintained: whoever replaces it should find it in one place.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '^(libs/kafka|apps/standalone)/|\\.spec\\.ts$' },
      to: { path: 'node_modules/kafkajs/' },
    },
    {
      name: 'event-store-client-through-one-library',
      comment: "The client's traps (deadlines, silent ends, global state) are handled once.",
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '^(libs/event-store|libs/dev-servers)/|\\.spec\\.ts$' },
      to: { path: 'node_modules/@eventstore/' },
    },
    {
      name: 'command-app-reads-no-read-models',
      comment:
        'Decisions rest on streams, claims and outcomes. A rebuild or a delay of a read model must not change what is decided.',
      severity: 'error',
      from: { path: '^apps/command/' },
      to: { path: '^libs/read-models/', reachable: true },
    },
    {
      name: 'commander-through-one-library',
      comment: 'All tools share one way to parse, to print help and errors, and to exit.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '^libs/cli/|\\.spec\\.ts$' },
      to: { path: 'node_modules/(commander|cli-progress)/' },
    },
    {
      name: 'nest-composes-services-only',
      comment:
        'The four services are Nest modules (docs/adr/0015). Libraries and command-line tools work without Nest, so a ' +
        'tool starts without loading it. libs/service composes services, and is imported by nothing else.',
      severity: 'error',
      from: {
        path: '^libs/(?!service/)|^apps/((replay|standalone)/|.*\\.main\\.ts$)',
        pathNot: '\\.spec\\.tsx?$',
      },
      to: { path: '^libs/service/|node_modules/@nestjs/', reachable: true },
    },
    {
      name: 'replay-cannot-write',
      comment:
        'An analyst asks the production log: what could append, publish or move a row is not even loaded. ' +
        'Of the libraries that can, replay takes read-only.ts.',
      severity: 'error',
      from: { path: '^apps/replay/', pathNot: '\\.spec\\.ts$' },
      to: {
        path: '^libs/(kafka|mail|command-outcomes|command-topic|rate-limits|profiles)/|^libs/(event-store|projection|read-models)/src/index\\.ts$|^libs/event-store/src/(account-repository|reconnecting-client|clock-skew|wire/append-codec|wire/batch-append-client)|^libs/projection/src/(sink|commit-batch|projection-worker|leases|parking|rebuild)|node_modules/(kafkajs|nodemailer)/',
        reachable: true,
      },
    },
    {
      name: 'not-to-unresolvable',
      comment: 'An import that resolves to nothing fails at run time only.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'no-dev-dependency-in-production',
      comment: 'The image is built without dev dependencies. Development servers and specs never ship.',
      severity: 'error',
      from: { path: '^(apps|libs)/', pathNot: '\\.spec\\.tsx?$|^libs/dev-servers/|^apps/standalone/' },
      to: { dependencyTypes: ['npm-dev'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['mono-src', 'import', 'node', 'default'],
      exportsFields: ['exports'],
      mainFields: ['module', 'main', 'types'],
    },
  },
};
