export { PolicyConfig, ReminderPolicyConfig, toPolicy } from './policy-config.js';
