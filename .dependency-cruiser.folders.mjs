// Circles of folders. A configuration of its own, because specs are excluded: they import test/support, which imports apps and
// libraries.
import modules from './.dependency-cruiser.mjs';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-circular-folders',
      comment:
        'Two folders that import each other are one folder: neither can be read, moved or tested alone. ' +
        'A file that composes folders lives in their parent folder.',
      severity: 'error',
      scope: 'folder',
      from: {},
      to: { circular: true },
    },
  ],
  options: { ...modules.options, exclude: { path: '\\.spec\\.tsx?$' } },
};
