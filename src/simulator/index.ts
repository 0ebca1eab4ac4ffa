export { type AssessOptions, assess, breaksAt, verdictOf } from './assess.ts';
export { type Compiled, compile, type StationMeta } from './compile.ts';
export { type Latency, type Solution, type SourceSolution, type StationSolution, solve } from './solve.ts';
