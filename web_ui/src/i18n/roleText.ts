import type { TFunction } from "i18next";
import { en } from "./en";

const isRole = (role: unknown): role is keyof typeof en.role => typeof role === "string" && role in en.role;

/** The name of a role; one that this page does not know keeps the server's word. */
export function roleText(role: unknown, t: TFunction): string {
  return isRole(role) ? t(`role.${role}`) : String(role);
}
