// Runs what the npm scripts name: `node libs/cli/scripts/run.mjs <script> [name] [arguments]`. The commands are in commands.mjs.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { COMMANDS, flagsOf, GROUPS } from './commands.mjs';

/** Of wrong usage. */
const USAGE_EXIT_CODE = 2;

process.chdir(fileURLToPath(new URL('../../..', import.meta.url)));
if (process.execve === undefined) {
  console.error('Node 24 is needed, which `npm ci` installs: run this with npm, which finds it.');
  process.exit(1);
}

const [script, ...args] = process.argv.slice(2);
if (script === undefined || script === '--help') {
  console.log(listAll());
} else if (Object.hasOwn(GROUPS, script)) {
  runGroup(GROUPS[script], args);
} else if (Object.hasOwn(COMMANDS, script)) {
  run(COMMANDS[script], args);
} else {
  fail(`There is no command ${script}.\n\n${listAll()}`);
}

function runGroup({ usage, commands, otherwise, all }, args) {
  const list = [`Usage: ${usage}`, ...listCommands(commands)].join('\n');
  const [name, ...rest] = args;
  const isKnown = (name) => Object.hasOwn(commands, name);
  if (name === '--help') {
    console.log(list);
  } else if (all !== undefined) {
    const names = args.length === 0 ? all : args;
    const unknown = names.find((name) => !isKnown(name));
    if (unknown !== undefined) fail(`There is no ${unknown}.\n\n${list}`);
    for (const name of names.slice(0, -1)) runAndWait(commands[name]);
    run(commands[names.at(-1)], []);
  } else if (name !== undefined && isKnown(name)) {
    run(commands[name], rest);
  } else if (otherwise !== undefined) {
    run(otherwise, args);
  } else {
    fail(name === undefined ? list : `There is no ${name}.\n\n${list}`);
  }
}

/** Runs a command to its end, which this process does not outlive if it fails. */
function runAndWait(command) {
  build(command);
  for (const program of command.programs) spawn(program, environmentOf(command));
}

/** Runs a command; its last program takes the place of this process, so signals and the terminal are its own. */
function run(command, args) {
  build(command);
  const env = environmentOf(command, args);
  const [last, ...before] = command.programs.toReversed();
  for (const program of before.toReversed()) spawn(program, env);
  const [file, ...own] = last;
  process.execve(process.execPath, [process.execPath, ...flagsOf(file), file, ...own, ...args], env);
}

function spawn([file, ...args], env) {
  endUnlessSuccessful(
    spawnSync(process.execPath, [...flagsOf(file), file, ...args], { env, stdio: 'inherit' }),
  );
}

function endUnlessSuccessful({ status, error }) {
  if (error !== undefined) console.error(error.message);
  if (status !== 0) process.exit(status ?? 1);
}

/** Builds what a command needs. The output goes to standard error: standard output is the command's. */
function build({ build, buildBenches = false, programs }) {
  const isBuilt = programs.every((program) => existsSync(program.find((part) => !part.startsWith('-'))));
  if (build === undefined || (build === 'once' && isBuilt)) return;
  const stdio = ['inherit', process.stderr.fd, 'inherit'];
  endUnlessSuccessful(spawnSync('npm', ['run', '--silent', 'build'], { stdio }));
  if (!buildBenches) return;
  const swc = ['test/perf', 'test/support', '--out-dir', 'dist', '--config-file', '.swcrc', '--quiet'];
  endUnlessSuccessful(spawnSync('node_modules/.bin/swc', swc, { stdio }));
}

/** A path is meant to run, whichever tier it belongs to. */
function environmentOf({ env = {}, defaults = {} }, args = []) {
  const merged = { ...process.env, ...env };
  for (const [name, value] of Object.entries(defaults)) merged[name] ||= value;
  if (env.TEST_TIER === 'short' && args.some(isPath)) delete merged.TEST_TIER;
  return merged;
}

function isPath(argument) {
  return ['', '.spec.ts', '.spec.tsx'].some((ending) => existsSync(argument + ending));
}

function listAll() {
  const scripts = ['Usage: npm run <script> -- [arguments]', ...listCommands({ ...COMMANDS, ...GROUPS })];
  const groups = Object.values(GROUPS).map(({ usage, commands }) => [usage, ...listCommands(commands)]);
  return [scripts, ...groups].map((lines) => lines.join('\n')).join('\n\n');
}

function listCommands(commands) {
  const width = Math.max(...Object.keys(commands).map((name) => name.length));
  return Object.entries(commands).map(([name, { about }]) => `  ${name.padEnd(width)}  ${about}`);
}

function fail(message) {
  console.error(message);
  process.exit(USAGE_EXIT_CODE);
}
