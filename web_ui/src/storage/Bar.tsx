interface Props {
  /** 0 … 100; null where nobody knows. */
  percent: number | null;
  label: string;
  bad?: boolean;
}

/** A bar that is so full. */
export function Bar({ percent, label, bad = false }: Props) {
  return (
    <meter className={bad ? "bar bar-bad" : "bar"} min={0} max={100} value={percent ?? 0} aria-label={label}>
      {label}
    </meter>
  );
}
