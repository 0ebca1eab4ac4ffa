import type { LibraryDetector } from '../../detector.ts';

/** sharp: a chain says what is to be done; the thread pool does it when the image is asked for (sharp.pixelplumbing.com/api-output, /performance). */
export default {
  id: 'sharp',
  packages: ['sharp'],
  call(it, run) {
    const name = it.name.split('.').at(-1) ?? '';
    if (!it.receiver) return name === '' || name === 'default' ? run.make('Image', it.place) : undefined;
    // Only the header is read, or nothing at all.
    if (name === 'metadata' || name === 'clone') return name === 'clone' ? it.receiver : { t: 'data' };
    if (name !== 'toBuffer' && name !== 'toFile' && name !== 'stats') return it.receiver;
    if (run.isTracing())
      run.record({
        kind: 'compute',
        label: 'image by sharp',
        work: 'nativeImage',
        where: 'threadPool',
        call: { library: 'sharp', name, isInAsync: run.isInAsync() },
        place: it.place,
      });
    return { t: 'data' };
  },
} satisfies LibraryDetector;
