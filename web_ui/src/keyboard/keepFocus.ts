/** For `onMouseDown`: a click does its work and leaves the focus where it was, so that keys go on as before. */
export function keepFocus(event: { preventDefault: () => void }): void {
  event.preventDefault();
}
