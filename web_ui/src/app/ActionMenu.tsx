import { Button, type ButtonProps, Dropdown } from "antd";
import { useRef } from "react";

interface Props extends ButtonProps {
  items: readonly { key: string; label: string; onClick: () => void }[];
  /** Whether it opens towards the left, for buttons at the right edge. */
  atEnd?: boolean;
}

/**
 * A button that opens a menu, for the keyboard as well as for the mouse: the menu begins at its first entry, and
 * the focus comes back to the button when something was chosen.
 */
export function ActionMenu({ items, atEnd = false, ...button }: Props) {
  const opener = useRef<HTMLButtonElement>(null);
  const focusOpener = () => requestAnimationFrame(() => opener.current?.focus());
  return (
    <Dropdown
      menu={{ items: [...items] }}
      trigger={["click"]}
      placement={atEnd ? "bottomRight" : "bottomLeft"}
      autoFocus
      destroyOnHidden
      onOpenChange={(open, { source }) => !open && source === "menu" && focusOpener()}
    >
      <Button {...button} ref={opener} aria-haspopup="menu" />
    </Dropdown>
  );
}
