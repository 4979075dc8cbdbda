export { PolicyConfig, TimedPolicyConfig, toPolicy } from './policy-config.js';
