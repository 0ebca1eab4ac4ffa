import { useView } from './panel-context.ts';
import { PlaceLink } from './place-link.tsx';

/** What could not be read, place by place; nothing where all was read. */
export function Problems() {
  const { view } = useView();
  const { conflicts } = view.report.topology;
  // What is said of the folder as a whole is the panel's first sentence.
  const problems = view.report.topology.problems.filter((it) => it.file !== '.');
  const { files, parsed } = view.report.read;
  return (
    <section id="problems" aria-label="What was read">
      <h2>What was read</h2>
      <p className="muted">
        {files} {files === 1 ? 'file' : 'files'} seen, {parsed} parsed{problems.length > 0 ? '; these could not be read in full, the rest is shown:' : '.'}
      </p>
      <ul className="list">
        {problems.map((it) => (
          <li key={`${it.file}:${it.line}:${it.message}`}>
            <PlaceLink place={{ file: it.file, line: Math.max(1, it.line) }} /> {it.message}
          </li>
        ))}
        {conflicts.map((it) => (
          <li key={it.message}>
            {it.message} <PlaceLink place={it.places[0]} />
          </li>
        ))}
      </ul>
    </section>
  );
}
