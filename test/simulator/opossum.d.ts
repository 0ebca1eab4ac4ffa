/** As much of opossum as the test of our breaker needs; the package has no types of its own. */
declare module 'opossum' {
  export default class CircuitBreaker<Argument> {
    constructor(action: (argument: Argument) => Promise<void>, options: Readonly<Record<string, unknown>>);
    fire(argument: Argument): Promise<void>;
    on(event: 'open' | 'halfOpen' | 'close', listener: () => void): this;
    shutdown(): void;
  }
}
