import { Button, type ButtonProps, Dropdown } from "antd";
import { useEffect, useRef, useState } from "react";
import { focusSoon } from "./focusSoon";

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
