import { Button, Result } from "antd";
import { useTranslation } from "react-i18next";
import { Link } from "react-router";
import { useTitle } from "./useTitle";

export function NotFoundPage() {
  const { t } = useTranslation();
  useTitle(t("app.notFound"));
  return (
    <Result
      status="404"
      title={t("app.notFound")}
      subTitle={t("app.notFoundHint")}
      extra={
        <Link to="/calls">
          <Button type="primary">{t("app.toCalls")}</Button>
        </Link>
      }
    />
  );
}
