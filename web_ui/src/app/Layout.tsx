import { LogoutOutlined, QuestionCircleOutlined, UserOutlined } from "@ant-design/icons";
import { Button, Dropdown } from "antd";
import { Suspense, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Link, NavLink, Outlet } from "react-router";
import { timeOfDay } from "../format/time";
import { KeyHelp } from "../keyboard/KeyHelp";
import { useKeys } from "../keyboard/useKeys";
import { ErrorBoundary } from "./ErrorBoundary";
import { LanguageSwitch } from "./LanguageSwitch";
import { Logo } from "./Logo";
import { useSession, useSignOut } from "./session";
import { usePages } from "./usePages";
import { useScrollMemory } from "./useScrollMemory";
import { Waiting } from "./Waiting";

/** The frame around every page of a signed-in user. */
export function Layout() {
  const { t } = useTranslation();
  const [helping, setHelping] = useState(false);
  const content = useRef<HTMLElement>(null);
  useScrollMemory(content);
  useKeys("everywhere", { help: () => setHelping(true) });
  return (
    <div className="frame">
      <a className="skip" href="#content">
        {t("app.skip")}
      </a>
      <header className="header">
        <Link to="/calls" className="brand">
          <Logo size={24} /> Earwitness
        </Link>
        <Pages />
        <div className="header-end">
          <LanguageSwitch />
          <Button
            type="text"
            icon={<QuestionCircleOutlined aria-hidden="true" />}
            aria-label={t("app.keys")}
            title={`${t("app.keys")} (?)`}
            onClick={() => setHelping(true)}
          />
          <Account />
        </div>
      </header>
      <main ref={content} id="content" className="content" tabIndex={-1}>
        <ErrorBoundary>
          <Suspense fallback={<Waiting />}>
            <Outlet />
          </Suspense>
        </ErrorBoundary>
      </main>
      <KeyHelp open={helping} onClose={() => setHelping(false)} />
    </div>
  );
}

/** The ways between the pages, for roles that have more than one. */
function Pages() {
  const { t } = useTranslation();
  const pages = usePages();
  if (pages.length === 1) return null;
  return (
    <nav className="pages" aria-label={t("app.pages")}>
      {pages.map(({ to, name }) => (
        <NavLink key={to} to={to}>
          {name}
        </NavLink>
      ))}
    </nav>
  );
}

function Account() {
  const { t } = useTranslation();
  const { user, reason } = useSession();
  const signOut = useSignOut();
  const name = user.display_name || user.username;
  const items = [
    { key: "role", type: "group" as const, label: t(`role.${user.role}`) },
    ...(reason.text && reason.until
      ? [
          {
            key: "reason",
            type: "group" as const,
            label: t("reason.until", { time: timeOfDay(reason.until) }),
          },
        ]
      : []),
    {
      key: "signOut",
      icon: <LogoutOutlined aria-hidden="true" />,
      label: t("app.signOut"),
      onClick: () => signOut.mutate(),
    },
  ];
  return (
    <Dropdown menu={{ items }} trigger={["click"]} placement="bottomRight">
      <Button
        type="text"
        icon={<UserOutlined aria-hidden="true" />}
        aria-label={t("app.account", { name })}
        aria-haspopup="menu"
      >
        {name}
      </Button>
    </Dropdown>
  );
}
