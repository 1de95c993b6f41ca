import { appEn } from "./app.en";
import { auditEn } from "./audit.en";
import { callEn } from "./call.en";
import { callsEn } from "./calls.en";
import { complianceEn } from "./compliance.en";
import { keyboardEn } from "./keyboard.en";
import { storageEn } from "./storage.en";
import type { Widened } from "./widened";

/** The English texts, a file a page. `zh.ts` has the same keys; a test and the compiler both hold them together. */
export const en = {
  ...appEn,
  ...callsEn,
  ...callEn,
  ...complianceEn,
  ...storageEn,
  ...auditEn,
  ...keyboardEn,
} as const;

/** The shape of a language: the keys of English with any text. */
export type Texts = Widened<typeof en>;
