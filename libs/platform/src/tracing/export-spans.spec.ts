import { afterEach, describe, expect, it } from '@jest/globals';
import { resourceOf } from './export-spans.js';

const VARIABLES = ['OTEL_RESOURCE_ATTRIBUTES', 'OTEL_SERVICE_NAME'] as const;

describe('resourceOf', () => {
  afterEach(() => {
    for (const name of VARIABLES) delete process.env[name];
  });

  it('names the app, its version, and this process alone', () => {
    const { attributes } = resourceOf('command');
    expect(attributes).toEqual({
      'service.name': 'command',
      'service.namespace': 'invitations',
      'service.version': expect.stringMatching(/^\d+\.\d+\.\d+/),
      'service.instance.id': expect.stringMatching(/^[0-9a-f-]{36}$/),
    });
    expect(resourceOf('command').attributes['service.instance.id']).not.toBe(
      attributes['service.instance.id'],
    );
  });

  it('takes what the environment says', () => {
    process.env['OTEL_RESOURCE_ATTRIBUTES'] = 'deployment.environment.name=staging,service.version=9.9.9';
    process.env['OTEL_SERVICE_NAME'] = 'invitations-command';
    expect(resourceOf('command').attributes).toMatchObject({
      'service.name': 'invitations-command',
      'service.namespace': 'invitations',
      'service.version': '9.9.9',
      'deployment.environment.name': 'staging',
    });
  });
});
