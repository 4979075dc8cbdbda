import { describe, expect, it } from '@jest/globals';
import { canonicalAddress, isSameAddress, readableAddress } from './fields.js';

describe('canonicalAddress', () => {
  it.each([
    ['bilal@network.example', 'bilal@network.example'],
    ['Bilal@NETWORK.example', 'Bilal@network.example'],
    ['noor@bücher.example', 'noor@xn--bcher-kva.example'],
    ['noor@BÜCHER.example', 'noor@xn--bcher-kva.example'],
    ['noor@bu\u0308cher.example', 'noor@xn--bcher-kva.example'],
    ['noor@XN--BCHER-KVA.example', 'noor@xn--bcher-kva.example'],
    ['Jo\u0308rg@network.example', 'J\u00f6rg@network.example'],
    ['noor@xn--\u00fc.example', undefined],
    [`noor@${'ü'.repeat(63)}.example`, undefined],
    ['noor@\u00ad.example', undefined],
    ['noor@\u3002.example', undefined],
  ])('canonicalises %s', (address, canonical) => {
    expect(canonicalAddress(address)).toBe(canonical);
  });
});

describe('isSameAddress', () => {
  it.each([
    ['noor@bücher.example', 'NOOR@xn--bcher-kva.example', true],
    ['J\u00f6rg@bu\u0308cher.example', 'jo\u0308rg@BÜCHER.example', true],
    ['noor@bucher.example', 'noor@bücher.example', false],
    ['jorg@network.example', 'j\u00f6rg@network.example', false],
    ['noor@xn--\u00fc.example', 'Noor@xn--\u00dc.example', true],
    ['', 'noor@bücher.example', false],
  ])('compares %s and %s', (one, other, isSame) => {
    expect(isSameAddress(one, other)).toBe(isSame);
    expect(isSameAddress(other, one)).toBe(isSame);
  });
});

describe('readableAddress', () => {
  it('shows a domain in its own script', () => {
    expect(readableAddress('noor@xn--bcher-kva.example')).toBe('noor@bücher.example');
    expect(readableAddress('Bilal@network.example')).toBe('Bilal@network.example');
  });
});
