import 'reflect-metadata';
import { CommandFactory } from 'nest-commander';
import { endWith } from './cli/exit.js';
import { ReplayModule } from './replay.module.js';

/* The analysts' command line: `npm run replay -- --help`. */

// Whoever reads the output may have had enough of it: `replay events | head`.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : 1);
});
try {
  const app = await CommandFactory.createWithoutRunning(ReplayModule, {
    cliName: 'replay',
    logger: false,
    // Commander would end the process by itself where it returns.
    errorHandler: (error) => {
      throw error;
    },
    serviceErrorHandler: endWith,
  });
  try {
    await CommandFactory.runApplication(app);
  } finally {
    await app.close();
  }
} catch (error) {
  endWith(error);
}
