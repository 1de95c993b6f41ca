import { useTranslation } from "react-i18next";
import { Link, Outlet } from "react-router";
import { useSession } from "./session";
import { type GuardedPage, usePages, useSees } from "./usePages";
import { useTitle } from "./useTitle";

/** Around a page that not every role sees: who does not is told who may, and where to go instead. */
export function PageGate({ page }: { page: GuardedPage }) {
  return useSees(page) ? <Outlet /> : <Denied page={page} />;
}

function Denied({ page }: { page: GuardedPage }) {
  const { t } = useTranslation();
  const { user } = useSession();
  const pages = usePages();
  useTitle(t(`${page}.title`));
  return (
    <section className="card card-narrow">
      <h1>{t("denied.title", { page: t(`${page}.title`) })}</h1>
      <p>{t(`denied.${page}`)}</p>
      <p className="muted">
        {t("denied.you", { name: user.display_name || user.username, role: t(`role.${user.role}`) })}
      </p>
      <ul className="ways">
        {pages.map(({ to, name }) => (
          <li key={to}>
            <Link to={to}>{name}</Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
