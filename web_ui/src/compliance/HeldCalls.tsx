import { useInfiniteQuery } from "@tanstack/react-query";
import { Button } from "antd";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, unwrap } from "../api/client";
import { CallLinks } from "./CallLinks";
import type { Hold } from "./steps";

/** How many calls a hold names, and which, once they are asked for. */
export function HeldCalls({ hold }: { hold: Hold }) {
  const { t } = useTranslation();
  const [open, setOpen] = useState(false);
  const found = useInfiniteQuery({
    queryKey: ["compliance", "held", hold.id, hold.named],
    queryFn: ({ pageParam, signal }) => {
      const query = { limit: 50, ...(pageParam ? { cursor: pageParam } : {}) };
      const params = { path: { hold_id: hold.id }, query };
      return unwrap(api.GET("/api/v1/holds/{hold_id}/calls", { params, signal }));
    },
    initialPageParam: "",
    getNextPageParam: (page) => page.next_cursor,
    enabled: open,
  });
  return (
    <div>
      <Button
        type="link"
        size="small"
        className="flush"
        aria-expanded={open}
        loading={open && found.isPending}
        onClick={() => setOpen(!open)}
      >
        {t("compliance.count", { count: hold.named })}
      </Button>
      {open && found.data && (
        <>
          <CallLinks ids={found.data.pages.flatMap(({ items }) => items)} />
          {found.hasNextPage && (
            <Button type="link" size="small" className="flush" onClick={() => void found.fetchNextPage()}>
              {t("compliance.more")}
            </Button>
          )}
        </>
      )}
    </div>
  );
}
