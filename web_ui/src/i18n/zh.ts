import { appZh } from "./app.zh";
import { auditZh } from "./audit.zh";
import { callZh } from "./call.zh";
import { callsZh } from "./calls.zh";
import { complianceZh } from "./compliance.zh";
import type { Texts } from "./en";
import { keyboardZh } from "./keyboard.zh";
import { storageZh } from "./storage.zh";

/** 中文文本。 */
export const zh: Texts = {
  ...appZh,
  ...callsZh,
  ...callZh,
  ...complianceZh,
  ...storageZh,
  ...auditZh,
  ...keyboardZh,
};
