import { useTranslation } from "react-i18next";
import { type Permission, useMay } from "./session";

export type GuardedPage = "storage" | "compliance" | "audit";

/** What a user needs to see a page. */
const NEEDS: Readonly<Record<GuardedPage, Permission>> = {
  storage: "storage.read",
  compliance: "retention.read",
  audit: "audit.own",
};

/** Whether this user sees the page. */
export function useSees(page: GuardedPage): boolean {
  return useMay(NEEDS[page]);
}

/** The ways between the pages that this user sees; the first one is where everybody begins. */
export function usePages(): readonly { readonly to: string; readonly name: string }[] {
  const { t } = useTranslation();
  const first = { to: "/calls", name: t(useMay("calls.read") ? "list.title" : "admin.system") };
  const others = [
    { to: "/storage", name: t("storage.title"), sees: useSees("storage") },
    { to: "/compliance", name: t("compliance.title"), sees: useSees("compliance") },
    { to: "/audit", name: t("audit.title"), sees: useSees("audit") },
  ];
  return [first, ...others.filter(({ sees }) => sees)];
}
