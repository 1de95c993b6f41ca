const FRAMES = 30;

/** Gives the focus to an element that comes up within some frames; the function returned gives up before. */
export function focusSoon(find: () => HTMLElement | null | undefined): () => void {
  let frame = 0;
  let left = FRAMES;
  const focus = () => {
    const element = find();
    element?.focus();
    left -= 1;
    if ((!element || document.activeElement !== element) && left > 0) frame = requestAnimationFrame(focus);
  };
  frame = requestAnimationFrame(focus);
  return () => cancelAnimationFrame(frame);
}
