/** Numbers by which things are told apart that have no name. Which number it is says nothing, so whoever asks first changes nothing for others. */
export function numbering(): (it: unknown) => number {
  const known = new Map<unknown, number>();
  return (it) => {
    const number = known.get(it) ?? known.size + 1;
    known.set(it, number);
    return number;
  };
}
