import { type ChangeEvent, type KeyboardEvent, useEffect, useState } from "react";

/** Props of a field whose text counts once it is finished: by Enter, by leaving the field, or by clearing it. */
export function useDraft(value: string, onFinish: (text: string) => void) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const finish = (typed: string) => {
    if (typed !== value) onFinish(typed);
  };
  return {
    value: text,
    onChange: (event: ChangeEvent<HTMLInputElement>) => {
      setText(event.target.value);
      if (event.target.value === "") finish("");
    },
    onBlur: () => finish(text),
    onPressEnter: () => finish(text),
    onKeyDown: (event: KeyboardEvent<HTMLInputElement>) => {
      if (event.key !== "Escape") return;
      setText(value);
      event.currentTarget.blur();
    },
  };
}
