import type { Resource } from '../../code/values.ts';
import type { LibraryDetector } from '../../detector.ts';

/**
 * Servers of one's own around a framework that finds its routes by their files: they are served where the program asks for the framework's handler.
 * https://nextjs.org/docs/app/guides/custom-server, https://reactrouter.com/start/framework/deploying
 */
export default {
  id: 'file-routes',
  packages: ['next', '@remix-run/express', '@react-router/express', 'remix-hono', 'hono-react-router-adapter'],
  call(it, run) {
    const name = it.name.split('.').at(-1) ?? '';
    const asked = (): Resource => {
      const handler = run.make('Handler', it.place);
      run.claim({ kind: 'fileRoutes', handler, place: it.place });
      return handler;
    };
    if (it.receiver) return it.receiver.type === 'Next' && name === 'getRequestHandler' ? asked() : undefined;
    if (it.package === 'next') return name === '' || name === 'default' ? run.make('Next', it.place) : undefined;
    if (it.package === 'hono-react-router-adapter') {
      // `handle(build, app)` is the app, with the framework's routes behind its own.
      asked();
      return it.args[1];
    }
    return name === 'createRequestHandler' || name === 'remix' ? asked() : undefined;
  },
} satisfies LibraryDetector;
