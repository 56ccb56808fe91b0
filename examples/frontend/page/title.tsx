import { useEffect, useRef, type ReactNode } from 'react';

/** Takes the focus when it appears: so a screen reader says what is shown now, and Tab goes on from here. */
export function Title({ children, id }: { children: ReactNode; id?: string }) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => heading.current?.focus({ preventScroll: true }), []);
  return (
    <h1 ref={heading} tabIndex={-1} id={id}>
      {children}
    </h1>
  );
}
