import { makeRelease } from './release.js';

makeRelease();
