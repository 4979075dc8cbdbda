export { closeAccount, type ClosingServers } from './close-account.js';
