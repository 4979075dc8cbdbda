import type { ComponentChildren } from 'preact';
import { renderToStaticMarkup } from 'preact-render-to-string';
import type { Message, Ref } from './async-messages.js';
import type { AsyncApi, Channel } from './asyncapi.js';
import { KINDS, type Schema } from './json-schema.js';
import { CSS } from './page-style.js';

const nameOf = ({ $ref }: Ref) => $ref.split('/').at(-1)!;

/** Renders the AsyncAPI document as one page without scripts and external resources. */
export function page(document: AsyncApi): string {
  const { info, channels, components } = document;
  return `<!doctype html>\n${renderToStaticMarkup(
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{`${info.title}: the contract`}</title>
        <style dangerouslySetInnerHTML={{ __html: CSS }} />
      </head>
      <body>
        <header>
          <h1>{info.title}: the contract</h1>
          <p>
            Version {info.version}, generated from <a href="contract/asyncapi.json">contract/asyncapi.json</a>
            . <a href="publishing.md">publishing.md</a> explains how to publish.
          </p>
          <p>{info.description}</p>
        </header>
        <nav aria-label="Messages">
          <Contents channels={channels} messages={components.messages} />
        </nav>
        <main>
          <Silence messages={components.messages} />
          {Object.entries(channels).map(([name, channel]) => (
            <ChannelSection key={name} name={name} channel={channel} components={components} />
          ))}
          <Kinds messages={components.messages} schemas={components.schemas} />
        </main>
      </body>
    </html>,
  )}\n`;
}

type Components = AsyncApi['components'];

function Contents({
  channels,
  messages,
}: {
  channels: AsyncApi['channels'];
  messages: Components['messages'];
}) {
  return (
    <ul>
      <li>
        <a href="#silence">What stays silent</a>
      </li>
      {Object.entries(channels).map(([name, channel]) => (
        <li key={name}>
          <a href={`#channel-${name}`}>{channel.title}</a>
          <ul>
            {Object.keys(channel.messages).map((message) => (
              <li key={message}>
                <a href={`#${message}`}>{messages[message]!.title}</a>
                {messages[message]!['x-silent'] === true ? ', silent' : null}
              </li>
            ))}
          </ul>
        </li>
      ))}
      <li>
        <a href="#kinds">Kinds of values</a>
      </li>
    </ul>
  );
}

function Silence({ messages }: { messages: Components['messages'] }) {
  const commands = Object.values(messages).filter((message) => message['x-silent'] !== undefined);
  return (
    <section id="silence">
      <h2>What stays silent</h2>
      <p>
        Only the publisher of a command receives its outcome, on the publisher’s own topic. This table shows
        what the inviter learns about each command.
      </p>
      <Table name="What the inviter learns" head={['command', 'silent', 'what the inviter learns']}>
        {commands.map((command) => (
          <tr key={command.name}>
            <td>
              <a href={`#${command.name}`}>{command.title}</a>
            </td>
            <td>{command['x-silent'] === true ? <strong>yes</strong> : 'no'}</td>
            <td>{command['x-inviter-hears']}</td>
          </tr>
        ))}
      </Table>
    </section>
  );
}

function ChannelSection(props: { name: string; channel: Channel; components: Components }) {
  const { name, channel, components } = props;
  const partitions = channel.bindings?.kafka.partitions;
  return (
    <section id={`channel-${name}`}>
      <h2>
        {channel.title} <code>{channel.address ?? 'invitations.outcomes.<anything>'}</code>
      </h2>
      <p>{channel.description}</p>
      {partitions === undefined ? null : (
        <p>The topic has {partitions} partitions. This number is part of the contract.</p>
      )}
      <p>
        {channel['x-owner'].charAt(0).toUpperCase() + channel['x-owner'].slice(1)} owns the topic.{' '}
        {channel['x-acls'].map(({ user, operations }) => `${user}: ${operations.join(', ')}`).join('; ')}.
      </p>
      {Object.values(channel.messages).map((ref) => (
        <MessageArticle
          key={ref.$ref}
          message={components.messages[nameOf(ref)]!}
          schemas={components.schemas}
        />
      ))}
    </section>
  );
}

function MessageArticle({ message, schemas }: { message: Message; schemas: Components['schemas'] }) {
  const payload = '$ref' in message.payload ? schemas[nameOf(message.payload)] : undefined;
  return (
    <article id={message.name}>
      <h3>
        {message.title} <code>{message.name}</code>
        {message['x-silent'] === true ? <span class="silent">silent</span> : null}
      </h3>
      <p>{message.summary}</p>
      {message['x-inviter-hears'] === undefined ? null : (
        <p>The inviter learns: {message['x-inviter-hears']}</p>
      )}
      <p>
        Key: {message.bindings.kafka.key.description}.{' '}
        {payload?.additionalProperties === false ? 'Other fields are rejected.' : null}
      </p>
      {payload === undefined ? null : <Fields name={`Fields of ${message.name}`} of={payload} what="field" />}
      {message.headers === undefined ? null : (
        <details>
          <summary>Headers</summary>
          <Fields name={`Headers of ${message.name}`} of={message.headers} what="header" />
        </details>
      )}
      {message.examples?.map((example) => (
        <pre key={example.name} aria-label={`Example: ${example.name}`} tabIndex={0}>
          {JSON.stringify(example.payload, null, 2)}
        </pre>
      ))}
    </article>
  );
}

function Fields(props: { name: string; of: Schema; what: string }) {
  const { name, what } = props;
  const { properties, required } = props.of;
  return (
    <Table name={name} head={[what, 'required', 'value', 'meaning']}>
      {Object.entries(properties ?? {}).map(([field, schema]) => (
        <tr key={field}>
          <td>
            <code>{field}</code>
          </td>
          <td>{required?.includes(field) ? 'yes' : 'no'}</td>
          <td>{valueOf(schema)}</td>
          <td>{schema.description}</td>
        </tr>
      ))}
    </Table>
  );
}

function Table(props: { name: string; head: readonly string[]; children: ComponentChildren }) {
  const { name, head, children } = props;
  return (
    <div class="table" role="region" aria-label={name} tabIndex={0}>
      <table>
        <thead>
          <tr>
            {head.map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}

/** Describes the values of a field. Long patterns have a name. */
function valueOf(schema: Schema): ComponentChildren {
  const { type, pattern, format, minLength, maxLength, minimum } = schema;
  const values = schema.const === undefined ? schema.enum : [schema.const];
  if (values !== undefined) return values.map((value) => <code key={String(value)}>{String(value)} </code>);
  const kind = pattern === undefined ? undefined : KINDS.get(pattern);
  const isText = type === 'string' && (pattern === undefined || minLength !== undefined);
  return (
    <>
      {kind === undefined ? (
        (format ?? (isText ? 'text' : [type].flat().join(' or ')))
      ) : (
        <a href="#kinds">{kind}</a>
      )}
      {maxLength === undefined
        ? ''
        : `, ${minLength === undefined ? 'at most' : `${minLength} to`} ${maxLength} characters`}
      {minimum === undefined ? '' : `, at least ${minimum}`}
      {pattern !== undefined && kind === undefined && !isText ? <code> {pattern}</code> : ''}
    </>
  );
}

function Kinds({ messages, schemas }: Pick<Components, 'messages' | 'schemas'>) {
  const headers = Object.values(messages).flatMap(({ headers }) => headers ?? []);
  const kinds = new Map<string, string>();
  for (const { properties } of [...headers, ...Object.values(schemas)]) {
    for (const { pattern } of Object.values(properties ?? {})) {
      const kind = pattern === undefined ? undefined : KINDS.get(pattern);
      if (kind !== undefined) kinds.set(kind, pattern!);
    }
  }
  return (
    <section id="kinds">
      <h2>Kinds of values</h2>
      <p>
        A text is well-formed Unicode. Control characters except the newline are stripped from it, and its
        length is counted in code points after that. An optional field may also be null, which means that it
        is absent.
      </p>
      <Table name="Kinds of values" head={['kind', 'pattern']}>
        {[...kinds].map(([kind, pattern]) => (
          <tr key={kind}>
            <td>{kind}</td>
            <td>
              <code>{pattern}</code>
            </td>
          </tr>
        ))}
      </Table>
    </section>
  );
}
