import { Button } from "antd";
import { useTranslation } from "react-i18next";

const EXAMPLES = [
  { query: "smith", help: "helpWords" },
  { query: "agent:8001", help: "helpAgent" },
  { query: "number:*1234", help: "helpNumber" },
  { query: "after:2026-11-01 before:today", help: "helpTime" },
  { query: "duration:>5m", help: "helpDuration" },
  { query: "direction:inbound state:missed", help: "helpState" },
  { query: "tag:complaint", help: "helpTag" },
  { query: "has:encrypted", help: "helpHas" },
  { query: "-agent:8001 (state:busy OR state:failed)", help: "helpNot" },
] as const;

/** The query language by examples that can be tried. */
export function QueryHelp({ onTry }: { onTry: (q: string) => void }) {
  const { t } = useTranslation();
  return (
    <table className="query-help">
      <tbody>
        {EXAMPLES.map(({ query, help }) => (
          <tr key={help}>
            <td>
              <Button type="link" size="small" onClick={() => onTry(query)}>
                <code>{query}</code>
              </Button>
            </td>
            <td className="muted">{t(`query.${help}`)}</td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
