import { useEffect, useState } from 'react';

/** A number that is taken over on Enter or on leaving; half-typed and impossible values are put back. */
export function NumberBox({
  value,
  label,
  min = 0,
  max = Number.MAX_SAFE_INTEGER,
  placeholder,
  onSet,
}: {
  value: number | null;
  label: string;
  min?: number;
  max?: number;
  placeholder?: string;
  onSet(value: number): void;
}) {
  const shown = value === null ? '' : String(Number(value.toPrecision(6)));
  const [text, setText] = useState(shown);
  useEffect(() => setText(shown), [shown]);
  const take = (): void => {
    const number = Number(text);
    if (text.trim() === '' || !Number.isFinite(number) || number < min || number > max) setText(shown);
    else if (number !== value) onSet(number);
  };
  return (
    <input
      className="number"
      type="text"
      inputMode="decimal"
      aria-label={label}
      value={text}
      placeholder={placeholder}
      onChange={(event) => setText(event.target.value)}
      onBlur={take}
      onKeyDown={(event) => {
        if (event.key === 'Enter') take();
        if (event.key === 'Escape') {
          setText(shown);
          event.stopPropagation();
        }
      }}
    />
  );
}
