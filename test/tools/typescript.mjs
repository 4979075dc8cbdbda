import { registerHooks } from 'node:module';

// Lets Node run the tools below this folder as they are written: it strips the types itself, and looks here for the
// `.ts` behind the `.js` that TypeScript's import specifiers name. What they import from libs/ comes from `dist`.
registerHooks({
  resolve(specifier, context, next) {
    const own = specifier.startsWith('.') && context.parentURL?.endsWith('.ts');
    return next(own ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
});
