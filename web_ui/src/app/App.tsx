import { type QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { ConfigProvider, App as Feedback } from "antd";
import enUS from "antd/locale/en_US";
import zhCN from "antd/locale/zh_CN";
import dayjs from "dayjs";
import "dayjs/locale/zh-cn";
import { lazy, useEffect } from "react";
import { BrowserRouter, Navigate, Route, Routes } from "react-router";
import type { Language } from "../i18n/language";
import { useLanguage } from "../i18n/useLanguage";
import { CallsGate } from "./CallsGate";
import { ErrorBoundary } from "./ErrorBoundary";
import { Layout } from "./Layout";
import { NotFoundPage } from "./NotFoundPage";
import { PageGate } from "./PageGate";
import { SessionGate } from "./SessionGate";
import { THEME } from "./theme";

const CallsPage = lazy(() => import("../calls/CallsPage"));
const AuditPage = lazy(() => import("../audit/AuditPage"));
const CompliancePage = lazy(() => import("../compliance/CompliancePage"));
const StoragePage = lazy(() => import("../storage/StoragePage"));
const CallPage = lazy(() => import("../call/CallPage"));

const LOCALES: Readonly<Record<Language, { antd: typeof enUS; dayjs: string }>> = {
  en: { antd: enUS, dayjs: "en" },
  zh: { antd: zhCN, dayjs: "zh-cn" },
};

export function App({ client }: { client: QueryClient }) {
  const locale = LOCALES[useLanguage()];
  useEffect(() => {
    dayjs.locale(locale.dayjs);
  }, [locale]);
  return (
    <ConfigProvider
      theme={THEME}
      locale={locale.antd}
      wave={{ disabled: true }}
      button={{ autoInsertSpace: false }}
    >
      <QueryClientProvider client={client}>
        <Feedback>
          <ErrorBoundary>
            <BrowserRouter>
              <SessionGate>
                <Routes>
                  <Route element={<Layout />}>
                    <Route element={<CallsGate />}>
                      <Route path="calls" element={<CallsPage />} />
                      <Route path="calls/:id" element={<CallPage />} />
                    </Route>
                    <Route element={<PageGate page="storage" />}>
                      <Route path="storage" element={<StoragePage />} />
                    </Route>
                    <Route element={<PageGate page="compliance" />}>
                      <Route path="compliance" element={<CompliancePage />} />
                    </Route>
                    <Route element={<PageGate page="audit" />}>
                      <Route path="audit" element={<AuditPage />} />
                    </Route>
                    <Route index element={<Navigate to="/calls" replace />} />
                    <Route path="login" element={<Navigate to="/calls" replace />} />
                    <Route path="*" element={<NotFoundPage />} />
                  </Route>
                </Routes>
              </SessionGate>
            </BrowserRouter>
          </ErrorBoundary>
        </Feedback>
      </QueryClientProvider>
    </ConfigProvider>
  );
}
