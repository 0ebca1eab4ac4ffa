import { evaluate } from './evaluate.ts';
import type { Machine } from './machine.ts';
import type { MemberSyntax } from './syntax.ts';
import { type ClassValue, UNKNOWN, type Value } from './values.ts';

/** What a container sees of a parameter: its decorators, and the class that its type names. */
export interface Parameter {
  decorators: readonly Value[];
  type: Value;
}

/** A decorated member of a class. */
export interface Decorated {
  name: string;
  kind: MemberSyntax['kind'];
  decorators: readonly Value[];
  parameters: readonly Parameter[];
  type: Value;
}

/** `applyDecorators(A(), B())` gives several. */
export const asDecorators = (it: Value): Value[] => (it.t === 'list' ? it.items.flatMap(asDecorators) : [it]);

/** Parameters of the constructor that runs when `of` is made: its own, or its parent's. */
export function constructorParameters(m: Machine, of: ClassValue): Parameter[] {
  if (!of.c.construct) return of.parent?.t === 'class' ? constructorParameters(m, of.parent) : [];
  return of.c.construct.params.map((it) => parameter(m, of, it));
}

/** Decorated members, the own ones before inherited ones of other names. */
export function decoratedMembers(m: Machine, of: ClassValue): Decorated[] {
  const own = of.c.members
    .filter((it) => it.decorators)
    .map(
      (it): Decorated => ({
        name: it.n,
        kind: it.kind,
        decorators: (it.decorators ?? []).flatMap((one) => asDecorators(evaluate(m, one, of.scope))),
        parameters: it.f?.params.map((one) => parameter(m, of, one)) ?? [],
        type: it.type ? evaluate(m, it.type, of.scope) : UNKNOWN,
      }),
    );
  const inherited = of.parent?.t === 'class' ? decoratedMembers(m, of.parent) : [];
  return [...own, ...inherited.filter((it) => !of.c.members.some((other) => other.n === it.name))];
}

const parameter = (m: Machine, of: ClassValue, it: { decorators?: readonly Parameters<typeof evaluate>[1][]; type?: Parameters<typeof evaluate>[1] }): Parameter => ({
  decorators: (it.decorators ?? []).flatMap((one) => asDecorators(evaluate(m, one, of.scope))),
  type: it.type ? evaluate(m, it.type, of.scope) : UNKNOWN,
});
