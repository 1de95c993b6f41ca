import { Button, type ButtonProps, Dropdown } from "antd";
import { useEffect, useRef, useState } from "react";

interface Props extends ButtonProps {
  items: readonly { key: string; label: string; onClick: () => void }[];
  /** Whether it opens towards the left, for buttons at the right edge. */
  atEnd?: boolean;
}

/**
 * A button that opens a menu, for the keyboard as well as for the mouse: the menu begins at its first entry, and
 * the focus comes back to the button when something was chosen, or nothing by Escape.
 */
export function ActionMenu({ items, atEnd = false, ...button }: Props) {
  const opener = useRef<HTMLButtonElement>(null);
  const area = useRef<HTMLDivElement>(null);
  const [open, setOpen] = useState(false);
  useEffect(() => {
    if (!open) return undefined;
    const first = () => area.current?.querySelector<HTMLElement>("[role=menuitem]");
    return focusSoon(first);
  }, [open]);
  const back = () => focusSoon(() => opener.current);
  return (
    <Dropdown
      menu={{ items: [...items], onKeyDown: ({ key }) => key === "Escape" && back() }}
      popupRender={(menu) => <div ref={area}>{menu}</div>}
      trigger={["click"]}
      placement={atEnd ? "bottomRight" : "bottomLeft"}
      destroyOnHidden
      // A menu that fades out still is one: opened again meanwhile, it would not take the focus.
      transitionName=""
      open={open}
      onOpenChange={(wanted, { source }) => {
        setOpen(wanted);
        if (!wanted && source === "menu") back();
      }}
    >
      <Button {...button} ref={opener} aria-haspopup="menu" aria-expanded={open} />
    </Dropdown>
  );
}

const FRAMES = 30;

/** Gives the focus to an element that comes up within some frames; the function returned gives up before. */
function focusSoon(find: () => HTMLElement | null | undefined): () => void {
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
